/** Gradients as values, in place of those that `backward()` leaves in `grad`. */
export { type GradOptions, grad } from './grad.js';
