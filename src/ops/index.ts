// Every operation, one file each.
export { relu } from './relu.js';
