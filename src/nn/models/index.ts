/**
 * Ready-made networks.
 *
 * @module models
 */
export { mlp, kLayerMlp, type MlpOptions, type ImageMlpOptions, type KLayerMlpOptions } from './mlp.js';
export { cnn, type CnnOptions } from './cnn.js';
export { lenet5 } from './lenet5.js';
export { miniResNet } from './miniResNet.js';
export type { ImageModelOptions } from './image.js';
