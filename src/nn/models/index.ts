// Ready-made networks, one file each.
export { lenet5 } from './lenet5.js';
export type { ImageModelOptions } from './image.js';
