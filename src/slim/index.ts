/**
 * Everything, but without the kernels: `init({ wasm })` has to bring them.
 *
 * @module lanewise/slim
 */
import '../autograd/methods.js';
import '../ops/methods.js';

export { record } from '../autograd/custom.js';
export { type GradcheckOptions, gradcheck } from '../autograd/gradcheck.js';
export * as autograd from '../autograd/index.js';
export { type BackwardOptions, isGradEnabled, needsGrad, noGrad } from '../autograd/tape.js';
export { CIFAR10_CLASSES, type Cifar10Images, parseCifar10 } from '../data/cifar10.js';
export {
  type BatchOptions,
  type Dataset,
  limit,
  Subset,
  TensorDataset,
  type TensorDatasetOptions,
} from '../data/dataset.js';
export type { DatasetFacts, DatasetFiles } from '../data/facts.js';
export { type FetchOptions, fetchMnist } from '../data/fetch.js';
export { type GunzipOptions, gunzip, isGzip, type SizeLimit } from '../data/gzip.js';
export { type IdxArray, parseIdx } from '../data/idx.js';
export { type Picture, toImageInput, toMnistInput } from '../data/image.js';
export { DataLoader, type DataLoaderOptions } from '../data/loader.js';
export { CIFAR10 } from '../data/sets/cifar10.js';
export { FASHION_MNIST } from '../data/sets/fashionMnist.js';
export { MNIST, MNIST_SUBSET } from '../data/sets/mnist.js';
export { DATASETS, type DatasetName, type LoadedData } from '../data/sets.js';
export { type SplitOptions, trainValidationSplit } from '../data/split.js';
export * as transforms from '../data/transforms.js';
export { decodeSafetensors, encodeSafetensors, type Safetensors, type StoredTensor } from '../io/safetensors.js';
export { Sha256 } from '../io/sha256.js';
export * as nn from '../nn/index.js';
export * as models from '../nn/models/index.js';
export * from '../ops/index.js';
export * as optim from '../optim/index.js';
export { checkArguments, type Rule, type Rules, readOptions } from '../runtime/arguments.js';
export * from '../runtime/errors.js';
export {
  type GeneratorState,
  generatorState,
  manualSeed,
  type Stream,
  setGeneratorState,
} from '../runtime/generator.js';
export { resetPeakMemory } from '../runtime/memory.js';
export type { InitOptions, RuntimeInfo } from '../runtime/options.js';
export { init, runtimeInfo, stopThreads } from '../runtime/runtime.js';
export type { WasmSource } from '../runtime/wasmSource.js';
export {
  arange,
  eye,
  type FromOptions,
  full,
  linspace,
  ones,
  onesLike,
  type RangeOptions,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from '../tensor/create.js';
export type { DType, TypedArray, TypedArrays } from '../tensor/dtype.js';
export type { NestedArray } from '../tensor/nested.js';
export { scope } from '../tensor/scope.js';
export type { Shape } from '../tensor/shape.js';
export { type MemoryReport, memory } from '../tensor/storage.js';
export { Tensor } from '../tensor/tensor.js';
export { type LiveTensors, type TensorTracker, trackTensors } from '../tensor/track.js';
export type { NumericArray, TensorValues } from '../tensor/values.js';
export * as train from '../train/index.js';
export * from '../train/index.js';
