/**
 * What a run is saved as. Two files' worth of bytes: the weights alone, in the keys and layout of PyTorch's state dict,
 * for everyone; and the whole state (weights, optimizer, scheduler, random streams, place in the epoch), from which
 * the run goes on to the same bits as if it had never stopped.
 */
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../io/safetensors.js';
import type { OptimizerState } from '../optim/optimizer.js';
import { CheckpointError } from '../runtime/errors.js';
import type { GeneratorState } from '../runtime/generator.js';
import type { RuntimeInfo } from '../runtime/options.js';
import { tensor } from '../tensor/create.js';
import { Tensor } from '../tensor/tensor.js';

/** What an epoch came to. Accuracies are shares from 0 to 1; null where there is nothing to tell. */
export interface EpochMetrics {
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean over the epoch's training samples, each as its batch saw it. */
  readonly trainLoss: number;
  readonly trainAccuracy: number | null;
  /** Of all test samples, by the weights at the end of the epoch. */
  readonly testLoss: number | null;
  readonly testAccuracy: number | null;
  /** Of the test samples, by name; there where `metrics` and a `testLoader` are given. */
  readonly testMetrics?: Readonly<Record<string, number>>;
  /** Of training, without the evaluation. */
  readonly seconds: number;
  /** Samples, of whatever kind. */
  readonly imagesPerSecond: number;
}

/** Sums over the samples that an epoch has trained on so far. */
export interface EpochTotals {
  readonly loss: number;
  /** Null where the outputs are no class scores. */
  readonly correct: number | null;
  readonly images: number;
  readonly seconds: number;
}

/** How far a run has come. */
export interface Progress {
  /** Updates of the weights so far. */
  readonly step: number;
  /** Complete epochs. */
  readonly epoch: number;
  /** Batches done in the next one. */
  readonly batch: number;
  /** Batches in an epoch. */
  readonly batches: number;
  readonly totals: EpochTotals;
  /** Of the whole run, evaluation included. */
  readonly seconds: number;
  readonly history: readonly EpochMetrics[];
}

/** A checkpoint on its way to where it is kept. */
export interface Checkpoint {
  /** A safetensors file from which the run goes on. */
  readonly state: Uint8Array;
  /** A safetensors file of the weights alone. */
  readonly weights: Uint8Array;
  /** Whether the epoch just finished is the best so far, so that these weights are worth keeping as such. */
  readonly isBest: boolean;
  readonly progress: Progress;
}

/** Where `fit` keeps its checkpoints: a directory (`RunDirectory` of `lanewise/node`), a database of the browser, … */
export interface CheckpointStore {
  /** What the state is called in messages. */
  readonly name?: string;
  /** The state saved last; null when there is none yet. */
  load(): Uint8Array | null | Promise<Uint8Array | null>;
  /** Keeps a checkpoint: all of it, or the one before stays. */
  save(checkpoint: Checkpoint): void | Promise<void>;
}

/** Everything that a run consists of, as it is saved. */
export interface RunState {
  readonly model: Readonly<Record<string, Tensor>>;
  readonly optimizer: OptimizerState;
  readonly scheduler: unknown;
  readonly generator: GeneratorState;
  readonly progress: Progress;
  /** What decides the run besides the state: see `FitOptions`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The kernels and threads that computed last. They decide no bits: it is kept for readers. */
  readonly runtime?: RuntimeInfo;
  /** What `fit` is to restore at its end, where it is. */
  readonly best?: BestWeights | null;
}

/** The state dict of a model after the best epoch so far. */
export interface BestWeights {
  readonly epoch: number;
  readonly model: Readonly<Record<string, StoredTensor>>;
}

/** The same, as it is read. */
export interface StoredRunState extends Omit<RunState, 'model' | 'optimizer'> {
  readonly model: Readonly<Record<string, StoredTensor>>;
  /** Its tensors belong to the scope in which it was read. */
  readonly optimizer: OptimizerState;
}

const VERSION = 1;
const MODEL = 'model.';
const OPTIMIZER = 'optimizer.';
const BEST = 'best.';

/** The bytes of a safetensors file with all that `decodeRunState` gives back. */
export function encodeRunState({ model, optimizer, best = null, ...rest }: RunState): Uint8Array {
  const tensors: Record<string, Tensor | StoredTensor> = {};
  for (const [key, value] of Object.entries(model)) tensors[MODEL + key] = value;
  for (const [key, value] of Object.entries(best?.model ?? {})) tensors[BEST + key] = value;
  const numbers: Record<string, Record<string, number>> = {};
  for (const [index, entries] of Object.entries(optimizer.state)) {
    numbers[index] = {};
    for (const [name, value] of Object.entries(entries)) {
      if (value instanceof Tensor) tensors[`${OPTIMIZER}${index}.${name}`] = value;
      else numbers[index][name] = value;
    }
  }
  const described = {
    version: VERSION,
    ...rest,
    ...(best !== null && { bestEpoch: best.epoch }),
    optimizer: { state: numbers, paramGroups: optimizer.paramGroups },
  };
  return encodeSafetensors(tensors, { format: 'pt', lanewiseRun: encodeJson(described) });
}

/**
 * Reads what `encodeRunState` wrote. To be called in a scope: the optimizer's tensors are made in it.
 *
 * @param name of the file, for messages
 * @throws {FileFormatError} when it is not a safetensors file, or a damaged one
 * @throws {CheckpointError} when it is one of something else
 */
export function decodeRunState(bytes: Uint8Array, name: string): StoredRunState {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const { version: _, optimizer, bestEpoch, ...rest } = describedRun(metadata.lanewiseRun, name);
  const model: Record<string, StoredTensor> = {};
  const best: Record<string, StoredTensor> = {};
  const state: Record<string, Record<string, Tensor | number>> = {};
  for (const [index, numbers] of Object.entries(optimizer.state)) state[index] = { ...numbers };
  for (const [key, stored] of Object.entries(tensors)) {
    if (key.startsWith(MODEL)) model[key.slice(MODEL.length)] = stored;
    if (key.startsWith(BEST)) best[key.slice(BEST.length)] = stored;
    const [, index, entry] = /^optimizer\.(\d+)\.(.+)$/.exec(key) ?? [];
    if (index !== undefined && entry !== undefined)
      (state[index] ??= {})[entry] = tensor(stored.data, { shape: stored.shape });
  }
  return {
    ...rest,
    model,
    best: bestEpoch === undefined ? null : { epoch: bestEpoch, model: best },
    optimizer: { state, paramGroups: optimizer.paramGroups },
  };
}

/** What stands in the header of a saved run. */
type DescribedRun = Omit<RunState, 'model' | 'best'> & { readonly version: unknown; readonly bestEpoch?: number };

function describedRun(text: string | undefined, name: string): DescribedRun {
  let run: Partial<DescribedRun> = {};
  try {
    run = decodeJson(text!) as typeof run;
    if (run.version === VERSION && isRun(run as RunState)) return run as DescribedRun;
  } catch {
    // It is refused below.
  }
  if (run?.version !== undefined && run.version !== VERSION) {
    throw new CheckpointError(`a run of version ${String(run.version)} cannot be continued, only ${VERSION}`, {
      where: name,
    });
  }
  throw new CheckpointError('this file holds no state to continue from', {
    where: name,
    hint: 'weights alone are loaded with loadStateDict',
  });
}

/** Whether what JSON gave has the entries that are not checked where they are used. May throw. */
function isRun({ optimizer, generator, progress: { totals, history, ...counts }, settings = {} }: RunState): boolean {
  const areCounts = (...values: unknown[]): boolean =>
    values.every((value) => Number.isSafeInteger(value) && (value as number) >= 0);
  return (
    areCounts(
      counts.step,
      counts.epoch,
      counts.batch,
      counts.batches,
      totals.images,
      generator.seed,
      ...Object.values(generator.draws),
    ) &&
    [counts.seconds, totals.loss, totals.seconds, totals.correct ?? 0].every((value) => typeof value === 'number') &&
    history.every(({ epoch }) => areCounts(epoch)) &&
    [optimizer.state, settings].every((value) => typeof value === 'object' && (value as unknown) !== null) &&
    Array.isArray(optimizer.paramGroups)
  );
}

/**
 * Compares the settings that a state was saved with to those of the run that is to continue from it. A state without
 * settings fits any, and so does a run.
 *
 * @throws {CheckpointError} naming the first that differs
 */
export function checkSettings(saved: RunState['settings'], given: RunState['settings'], name: string): void {
  for (const [key, value] of Object.entries((given && saved) ?? {})) {
    const [before, now] = [JSON.stringify(value), JSON.stringify(given![key])];
    if (before === now) continue;
    throw new CheckpointError(`the run was saved with ${key} ${before}, not ${now}`, {
      where: name,
      hint: 'restore the settings (config.json); only epochs and steps may change',
    });
  }
}

/**
 * The bytes of a safetensors file of the weights alone, with the keys and layouts of PyTorch's state dict.
 *
 * @param metadata texts for the header, beside how far training had come
 */
export function encodeWeights(
  model: Readonly<Record<string, Tensor>>,
  { step, epoch }: Progress,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  return encodeSafetensors(model, { format: 'pt', step: String(step), epoch: String(epoch), ...metadata });
}

/** JSON, in which numbers that are not finite stand as `{ "$number": "-Infinity" }`. */
function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? { $number: String(item) } : item,
  );
}

function decodeJson(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    const special = (item as { $number?: unknown } | null)?.$number;
    return typeof special === 'string' ? Number(special) : item;
  });
}
