export { copy } from './copy';
export { mul_add } from './mul_add';
