/**
 * Pictures: PNG, JPEG and WebP files as the bytes that a model takes, the same in every runtime.
 *
 * @module lanewise/images
 */
export type { Picture } from '../data/image.js';
export type { ImageFolder, ImageFolderOptions, UnreadablePicture } from './build.js';

import '../runtime/inlined/carried.js';

export { decodeImage } from './decode.js';
export { fitImage, type ImageFit, type ImageOptions } from './fit.js';
export { imagesFromFiles } from './fromFiles.js';
