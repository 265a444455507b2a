/**
 * Every error that lanewise throws on purpose. All are `LanewiseError`s with a stable `code`, so that a program can
 * tell them apart without reading the message; the message names the operation, what was given, what was expected,
 * and where it helps, the likely mend.
 */
import { examples } from './examples.js';

/** What an error says besides the problem. */
export interface ErrorDetails {
  /** The operation, class, setting or file that complains: `conv2d`, `Adam`, `lr`. */
  readonly where?: string;
  /** The likely mend, as a sentence. */
  readonly hint?: string;
  /** Options that the hint is about, by name: a command line shows its flags for them. */
  readonly options?: readonly string[];
  readonly cause?: unknown;
}

/** The sample of a batch that an error is about. */
export interface SampleReference {
  /** Its index in the data set, below all subsets and shuffling; undefined where the loader does not know it. */
  readonly index: number | undefined;
  /** Its row in the batch, counted from 0. */
  readonly row: number;
  /** The batch in its epoch, counted from 1. */
  readonly batch: number;
}

/** What every error of this library is. */
export class LanewiseError extends Error {
  /** Whether a right call tells what to do, so that the message ends in one. @internal */
  static readonly showsCall: boolean = false;
  /** Stable, for programs: `LANEWISE_SHAPE`, `LANEWISE_DISPOSED`, … */
  readonly code: string = 'LANEWISE_ERROR';
  readonly where: string | undefined;
  readonly hint: string | undefined;
  /** Options that the hint is about, by name. */
  readonly options: readonly string[] | undefined;
  readonly #problem: string;
  #layer: string | undefined;
  #sample: SampleReference | undefined;

  constructor(problem: string, details: ErrorDetails = {}) {
    super(
      compose(details.where, problem, details.hint, new.target.showsCall),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = new.target.name;
    this.where = details.where;
    this.hint = details.hint;
    this.options = details.options;
    this.#problem = problem;
  }

  /** Path of the layer in whose `forward` the error arose (`features.0`), once it is known. */
  get layer(): string | undefined {
    return this.#layer;
  }

  /** The sample that the error arose from, where the loop that read it found out. */
  get sample(): SampleReference | undefined {
    return this.#sample;
  }

  /** Adds the path of the layer to the message; the first (innermost, fully resolved) path stays. */
  inLayer(path: string): this {
    this.#layer ??= path;
    return this.#tell();
  }

  /** Adds the sample to the message; the first one stays. */
  inSample(sample: SampleReference): this {
    this.#sample ??= sample;
    return this.#tell();
  }

  /** What is wrong, without `where` and `hint`; with sample and layer, once they are known. */
  get reason(): string {
    const sample = this.#sample === undefined ? '' : ` (${formatSample(this.#sample)})`;
    const layer = this.#layer === undefined ? '' : ` (in layer ${this.#layer})`;
    return this.#problem + sample + layer;
  }

  /** The message without its hint: `where` and `reason`. */
  get summary(): string {
    return compose(this.where, this.reason, undefined);
  }

  #tell(): this {
    const { showsCall } = this.constructor as typeof LanewiseError;
    this.message = compose(this.where, this.reason, this.hint, showsCall);
    return this;
  }
}

function formatSample({ index, row, batch }: SampleReference): string {
  return `${index === undefined ? '' : `sample ${index} of the data set, `}row ${row} of batch ${batch}`;
}

function compose(where: string | undefined, reason: string, hint: string | undefined, showsCall = false): string {
  const example = showsCall && !/[({]/.test(hint ?? '') ? examples.get(where!) : undefined;
  const call = example === undefined ? '' : `\n  as in ${example}`;
  return `${where === undefined ? '' : `${where}: `}${reason}${hint === undefined ? '' : `\n  hint: ${hint}`}${call}`;
}

/** Shapes that do not go together. */
export class ShapeError extends LanewiseError {
  static override readonly showsCall: boolean = true;
  override readonly code: string = 'LANEWISE_SHAPE';
}

/** A tensor of the wrong element type. */
export class DTypeError extends LanewiseError {
  static override readonly showsCall: boolean = true;
  override readonly code: string = 'LANEWISE_DTYPE';
}

/** An argument or option outside what it may be. */
export class ArgumentError extends LanewiseError {
  static override readonly showsCall: boolean = true;
  override readonly code: string = 'LANEWISE_ARGUMENT';
}

/** An index (class id, axis, position) outside its range. */
export class RangeIndexError extends LanewiseError {
  override readonly code: string = 'LANEWISE_INDEX';
}

/** A tensor was used after it was freed. */
export class DisposedTensorError extends LanewiseError {
  static override readonly showsCall: boolean = true;
  override readonly code: string = 'LANEWISE_DISPOSED';
}

/** The WebAssembly memory cannot hold what was asked for. The runtime stays usable. */
export class OutOfMemoryError extends LanewiseError {
  override readonly code: string = 'LANEWISE_OUT_OF_MEMORY';
}

/** `backward` on something that has no gradient, or on a graph that was already walked. */
export class AutogradError extends LanewiseError {
  static override readonly showsCall: boolean = true;
  override readonly code: string = 'LANEWISE_AUTOGRAD';
}

/** The engine lacks something that lanewise needs (WebAssembly SIMD, shared memory, …). */
export class UnsupportedError extends LanewiseError {
  override readonly code: string = 'LANEWISE_UNSUPPORTED';
}

/** What an error about a file says besides. */
export interface FileErrorDetails extends ErrorDetails {
  /** Name of the file or stream. */
  readonly file: string;
  /** Offset of the first byte that is wrong, where one is. */
  readonly offset?: number;
}

/** A file or byte stream that is not what it should be: truncated, corrupt, of another kind, too large. */
export class FileFormatError extends LanewiseError {
  override readonly code: string = 'LANEWISE_FILE_FORMAT';
  readonly file: string;
  readonly offset: number | undefined;

  constructor(problem: string, details: FileErrorDetails) {
    super(problem, {
      ...details,
      where: details.offset === undefined ? details.file : `${details.file} at byte ${details.offset}`,
    });
    this.file = details.file;
    this.offset = details.offset;
  }
}

/** A file that cannot be written. What stood there before is unharmed. */
export class FileWriteError extends LanewiseError {
  override readonly code: string = 'LANEWISE_FILE_WRITE';
}

/** Data that is not where it was looked for; the hint says how to get it. */
export class MissingDataError extends LanewiseError {
  override readonly code: string = 'LANEWISE_MISSING_DATA';
}

/** A state dict or checkpoint that does not fit the model, the optimizer or the run. */
export class CheckpointError extends LanewiseError {
  override readonly code: string = 'LANEWISE_CHECKPOINT';
}

/** The directory of a run is in use by another process, which may be waited for. */
export class LockedError extends CheckpointError {
  override readonly code: string = 'LANEWISE_LOCKED';
}

/** A loss, weight or input that is NaN or infinite. */
export class NonFiniteError extends LanewiseError {
  override readonly code: string = 'LANEWISE_NON_FINITE';
}

/** A worker was lost, or a kernel trapped in one. */
export class WorkerError extends LanewiseError {
  override readonly code: string = 'LANEWISE_WORKER';
}
