/**
 * Ready-made networks.
 *
 * @module models
 */

export { type CnnOptions, cnn } from './cnn.js';
export { type FastCnnOptions, fastCnn } from './fastCnn.js';
export type { ImageModelOptions } from './image.js';
export { lenet5 } from './lenet5.js';
export { miniResNet } from './miniResNet.js';
export { type ImageMlpOptions, type KLayerMlpOptions, kLayerMlp, type MlpOptions, mlp } from './mlp.js';
