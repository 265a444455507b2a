/**
 * Models of other frameworks, and for other runtimes: ONNX files in and out.
 *
 * @module lanewise/onnx
 */
export { type ExportOptions, exportOnnx } from './export/index.js';
export { type ImportOptions, importOnnx } from './import.js';
export { OnnxModule, type OnnxValue, type RunOptions } from './module.js';
