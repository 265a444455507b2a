// The public catalogue, with the kernels.
import './runtime/carried.js';

export * from './slim.js';
