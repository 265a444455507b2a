/**
 * Everything, in any runtime, with the kernels.
 *
 * @module lanewise
 */
import './runtime/carried.js';

export * from './slim/index.js';
