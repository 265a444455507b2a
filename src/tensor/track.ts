/**
 * Finding what is kept without need: a list of the tensors made since some point that are still alive, and where from.
 */
import type { DType } from './dtype.js';
import type { Shape } from './shape.js';

/** Tensors alike that are still alive. */
export interface LiveTensors {
  readonly count: number;
  readonly bytes: number;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The operation that made them; undefined: none did (`zeros`, `tensor`, a gradient, …). */
  readonly op: string | undefined;
  /** Path of the layer in whose `forward` they were made. */
  readonly layer: string | undefined;
}

/** Made by `trackTensors`. */
export interface TensorTracker {
  /** What was made since the tracker began and is still alive, the most bytes first. */
  live(): LiveTensors[];
  /** Ends it. */
  stop(): void;
}

/** The part of a tensor that a tracker reads; tensors stand above this file. */
interface Tracked {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly op: string | undefined;
  readonly storage: { readonly bytes: number } | null;
}

/** Path of the layer in which each tensor was made. @internal */
export type MadeIn = Map<Tracked, string | undefined>;

/** One map for each tracker that is on. @internal */
export const trackers = new Set<MadeIn>();

/** Path of the layer whose `forward` is running, and what to do when a tracker begins or ends. Set by `nn`. */
let layerPath: () => string | undefined = () => undefined;
let changed = (): void => {};

/** @internal */
export function setLayerPath(path: () => string | undefined, onChange: () => void): void {
  layerPath = path;
  changed = onChange;
}

/** @internal */
export function noteTensor(tensor: Tracked): void {
  const layer = layerPath();
  for (const madeIn of trackers) madeIn.set(tensor, layer);
}

/**
 * Begins to note every tensor that is made: for finding leaks. While it is on, tensors outside scopes are not collected
 * by the engine, as the tracker refers to them.
 *
 * @example
 * const tracker = trackTensors();
 * trainOneStep();
 * console.table(tracker.live());
 * tracker.stop();
 */
export function trackTensors(): TensorTracker {
  const madeIn: MadeIn = new Map();
  trackers.add(madeIn);
  changed();
  return {
    live: () => groups(madeIn),
    stop: () => {
      trackers.delete(madeIn);
      changed();
      madeIn.clear();
    },
  };
}

function groups(madeIn: MadeIn): LiveTensors[] {
  const found = new Map<string, LiveTensors>();
  for (const [tensor, layer] of madeIn) {
    if (tensor.storage === null) {
      madeIn.delete(tensor);
      continue;
    }
    const { shape, dtype, op } = tensor;
    const key = JSON.stringify([shape, dtype, op, layer]);
    const { count, bytes } = found.get(key) ?? { count: 0, bytes: 0 };
    found.set(key, { count: count + 1, bytes: bytes + tensor.storage.bytes, shape, dtype, op, layer });
  }
  return [...found.values()].sort((a, b) => b.bytes - a.bytes);
}
