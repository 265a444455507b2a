/** What is loaded, and how. */
import type { StoredTensor } from '../io/safetensors.js';
import type { Sequential } from '../nn/containers/sequential.js';
import type { StoredValue } from './pytorch/values.js';

/** A file: a path (in Node, Deno and Bun), an address, a file that the user chose, or its bytes. */
export type Source = string | URL | Blob | Uint8Array | ArrayBuffer;

/** How values are taken over. */
export interface DecodeOptions {
  /** Name of the file, for messages. Default: the path or address; for bytes, `file`. */
  readonly name?: string;
  /**
   * What to take from a nested PyTorch checkpoint: its keys, joined by dots (`model_state_dict`). Default: everything.
   */
  readonly key?: string;
  /**
   * Whether float64 and int64 values that float32 and int32 do not hold become the nearest that they do. Default:
   * false, which makes them an error.
   */
  readonly lossy?: boolean;
  /**
   * The most bytes that the file may unpack to. Default: 16 times its size, but at least 64 MiB. Give more for a file
   * that you trust and that is compressed further.
   */
  readonly limit?: number;
}

/** Where a model of several files finds the others. */
export interface LoadOptions extends DecodeOptions {
  /**
   * The other files of a model, by the name that the first one has for them. Default: they are next to it. Needed
   * where that was given as bytes.
   */
  readonly files?: Readonly<Record<string, Uint8Array | ArrayBuffer | Blob>>;
}

/** What every file gives. */
interface Tensors {
  /**
   * Every tensor by name; `loadStateDict` takes it. In a nested PyTorch checkpoint the names are the keys joined by
   * dots, and a tensor without a name (of a `.npy` file, or saved by itself) is called `tensor`. The object has no
   * prototype.
   */
  readonly tensors: Record<string, StoredTensor>;
}

/** What `load` gives for a file of PyTorch. */
export interface LoadedPyTorch extends Tensors {
  readonly format: 'pytorch';
  /** What `torch.save` was given: dicts as objects, lists as arrays. */
  readonly value: StoredValue;
}

/** What `load` gives for a file of NumPy. */
export interface LoadedNumpy extends Tensors {
  readonly format: 'npy' | 'npz';
}

/** What `load` gives for a safetensors file, or for the index of several. */
export interface LoadedSafetensors extends Tensors {
  readonly format: 'safetensors';
  readonly metadata: Record<string, string>;
}

/** What `load` gives for a layers model of TensorFlow.js. */
export interface LoadedLayersModel extends Tensors {
  readonly format: 'tfjs-layers';
  /** The model, in evaluation mode. It takes images with the channels first: [N,C,H,W]. `tensors` has its state. */
  readonly model: Sequential;
  /** Shape of one sample: [channels, height, width] or [features]. Null where any size will do. */
  readonly inputShape: readonly (number | null)[];
}

/** What `decode` gives: of one file. */
export type Decoded = LoadedPyTorch | LoadedNumpy | LoadedSafetensors;

/** What `load` gives. */
export type Loaded = Decoded | LoadedLayersModel;
