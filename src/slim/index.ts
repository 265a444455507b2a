/**
 * Everything, but without the kernels: `init({ wasm })` has to bring them.
 *
 * @module lanewise/slim
 */
import '../autograd/methods.js';
import '../ops/methods.js';

export * from '../runtime/errors.js';
export { init, runtimeInfo, resetPeakMemory, stopThreads } from '../runtime/runtime.js';
export type { InitOptions, RuntimeInfo } from '../runtime/options.js';
export type { WasmSource } from '../runtime/wasmSource.js';
export { manualSeed, generatorState, setGeneratorState, type GeneratorState, type Stream } from '../runtime/generator.js';

export { Tensor, memory, type MemoryReport, type NestedArray } from '../tensor/tensor.js';
export type { DType, TypedArray, TypedArrays } from '../tensor/dtype.js';
export type { NumericArray, TensorValues } from '../tensor/values.js';
export type { Shape } from '../tensor/shape.js';
export { tensor, full, zeros, ones, zerosLike, onesLike, arange, linspace, eye, type TensorOptions, type FromOptions, type RangeOptions } from '../tensor/create.js';
export { scope } from '../tensor/scope.js';
export { trackTensors, type LiveTensors, type TensorTracker } from '../tensor/track.js';

export { noGrad, isGradEnabled, record, needsGrad, type BackwardOptions } from '../autograd/tape.js';
export type { Backward } from '../tensor/node.js';
export { gradcheck, type GradcheckOptions } from '../autograd/gradcheck.js';

export * from '../ops/index.js';

export * as nn from '../nn/index.js';
export { Sha256 } from '../io/sha256.js';

export * as train from '../train/index.js';
export * from '../train/index.js';
export { encodeSafetensors, decodeSafetensors, type Safetensors, type StoredTensor } from '../io/safetensors.js';
export * as optim from '../optim/index.js';
export * as models from '../nn/models/index.js';

export { TensorDataset, Subset, limit, type Dataset, type BatchOptions, type TensorDatasetOptions } from '../data/dataset.js';
export { DataLoader, type DataLoaderOptions } from '../data/loader.js';
export { trainValidationSplit, type SplitOptions } from '../data/split.js';
export * as transforms from '../data/transforms.js';
export { parseIdx, type IdxArray } from '../data/idx.js';
export { parseCifar10, CIFAR10_CLASSES, type Cifar10Images } from '../data/cifar10.js';
export { gunzip, isGzip, type GunzipOptions, type SizeLimit } from '../data/gzip.js';
export { fetchMnist, type FetchOptions } from '../data/fetch.js';
export { MNIST, MNIST_SUBSET, FASHION_MNIST, CIFAR10, type DatasetName, type DatasetFacts, type LoadedData } from '../data/sets.js';
export { toMnistInput, toImageInput, type Picture } from '../data/image.js';
