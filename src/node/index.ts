/**
 * What needs files, for Node, Deno and Bun.
 *
 * @module lanewise/node
 */
import '../runtime/inlined/carried.js';

export { loadCifar10 } from '../data/cifar10.node.js';
export { gunzipSync } from '../data/files.node.js';
export type { LoadOptions } from '../data/idx.node.js';
export { loadDataset, loadFashionMnist } from '../data/loadDataset.node.js';
export { type LoadMnistOptions, loadMnist, mnistDirectory, SUBSET_NOTE } from '../data/mnist.node.js';
export type { ImageFolder, UnreadablePicture } from '../images/build.js';
export type { ImageFit } from '../images/fit.js';
export { type LoadImageFolderOptions, loadImageFolder } from '../images/imageFolder.node.js';
export { readImage } from '../images/readImage.node.js';
export { makeDirectory, removeUnfinished, writeFileAtomic } from '../io/files.node.js';
export { type DataSettings, loadRunData, type RunData } from '../runs/data.node.js';
export { type EvaluationImages, loadEvaluationImages } from '../runs/images.node.js';
export { takeLock } from '../runs/lock.node.js';
export { RunDirectory } from '../runs/runDirectory.node.js';
export { loadModel, readWeights } from '../runs/weights.node.js';
export { LockedError } from '../runtime/errors.js';
export { type ReadFileOptions, readRegularFile } from '../runtime/readFile.node.js';
