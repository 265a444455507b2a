/**
 * What needs files, for Node, Deno and Bun.
 *
 * @module lanewise/node
 */
import '../runtime/carried.js';

export { readRegularFile, type ReadFileOptions } from '../runtime/readFile.node.js';
export { makeDirectory, removeUnfinished, writeFileAtomic } from '../io/files.node.js';
export { RunDirectory } from '../runs/runDirectory.node.js';
export { LockedError } from '../runtime/errors.js';
export { takeLock } from '../runs/lock.node.js';
export { gunzipSync } from '../data/files.node.js';
export { loadMnist, loadFashionMnist, type LoadOptions, type LoadMnistOptions } from '../data/mnist.node.js';
export { loadCifar10 } from '../data/cifar10.node.js';
