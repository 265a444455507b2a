/**
 * Everything, in any runtime, with the kernels.
 *
 * @module lanewise
 */
import './runtime/inlined/carried.js';

export * from './slim/index.js';
