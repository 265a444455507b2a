// What both faces of `lanewise/formats` export, besides `load` and `save`.

export { decode } from './decode.js';
export { encode, type FileEnding } from './encode.js';
export type { StoredValue } from './pytorch/values.js';
export type { Savable } from './pytorch/write.js';
export type {
  Decoded,
  DecodeOptions,
  Loaded,
  LoadedLayersModel,
  LoadedNumpy,
  LoadedPyTorch,
  LoadedSafetensors,
  LoadOptions,
  Source,
} from './types.js';
