/**
 * What is timed, as plain data: every contender (lanewise, PyTorch, TensorFlow.js, …) gets the same description and the
 * same input files, and builds from them the same thing in its own terms.
 */

/** One layer of a network. Images are [N, C, H, W]; a convolution before batch normalisation has no bias. */
export type Layer =
  | { readonly layer: 'linear'; readonly in: number; readonly out: number }
  | {
      readonly layer: 'conv';
      readonly in: number;
      readonly out: number;
      readonly kernel: number;
      readonly stride: number;
      readonly padding: number;
      readonly bias: boolean;
    }
  | { readonly layer: 'batchNorm'; readonly channels: number; readonly images: boolean }
  | { readonly layer: 'relu' }
  | { readonly layer: 'maxPool' | 'averagePool'; readonly size: number }
  | { readonly layer: 'globalAveragePool' }
  | { readonly layer: 'flatten' }
  /** [steps, in] → [hidden]: h after the last step. */
  | { readonly layer: 'lstm'; readonly in: number; readonly hidden: number }
  /** A block of a GPT, [steps, width] → the same: causal attention and two linear layers, normalised before. */
  | { readonly layer: 'block'; readonly width: number; readonly heads: number; readonly hidden: number }
  /** [steps, width] → [width] */
  | { readonly layer: 'meanOverSteps' }
  /** body(x) + shortcut(x); an empty shortcut is x itself. */
  | { readonly layer: 'residual'; readonly body: readonly Layer[]; readonly shortcut: readonly Layer[] };

export interface Network {
  /** Shape of one sample: [features], [steps, features] or [channels, height, width]. */
  readonly input: readonly number[];
  readonly layers: readonly Layer[];
}

/**
 * What the samples are: MNIST's digits with pixels in [0, 1], or uniform random numbers in [0, 1) of the network's
 * input shape.
 */
export type Samples = 'mnist' | 'random';

export type OptimizerName = 'sgd' | 'adam';

/** Which part of an operation. A forward pass that belongs to it ran before a backward one, and is not timed. */
export type Pass = 'forward' | 'backward';

export type Work =
  /** a [m,k] · b [k,n] */
  | { readonly kind: 'matmul'; readonly m: number; readonly n: number; readonly k: number }
  /** x [rows,in] · weight [out,in]ᵀ + bias; x are random numbers or rows of MNIST */
  | {
      readonly kind: 'linear';
      readonly pass: 'forward' | 'backward-input' | 'backward-weight';
      readonly rows: number;
      readonly in: number;
      readonly out: number;
      readonly samples: Samples;
    }
  | {
      readonly kind: 'conv';
      readonly pass: 'forward' | 'backward-input' | 'backward-weight';
      readonly images: number;
      readonly channels: number;
      readonly height: number;
      readonly width: number;
      readonly out: number;
      readonly kernel: number;
      readonly stride: number;
      readonly padding: number;
    }
  | {
      readonly kind: 'batchNorm' | 'relu' | 'maxPool' | 'averagePool';
      readonly pass: Pass;
      readonly shape: readonly number[];
    }
  /** x [N,C] + bias [C] */
  | { readonly kind: 'bias'; readonly shape: readonly [number, number] }
  | { readonly kind: 'softmaxCrossEntropy'; readonly pass: Pass; readonly rows: number; readonly classes: number }
  /** One update of one parameter: SGD with momentum 0.9, or Adam. */
  | { readonly kind: 'update'; readonly optimizer: OptimizerName; readonly size: number }
  /** forward + mean cross-entropy + backward + update, on one batch after another */
  | {
      readonly kind: 'train';
      readonly network: Network;
      readonly batch: number;
      readonly samples: Samples;
      readonly optimizer: OptimizerName;
    }
  /** An epoch through the first `count` digits of MNIST: shuffling, gathering and scaling them included. */
  | {
      readonly kind: 'epoch';
      readonly network: Network;
      readonly batch: number;
      readonly count: number;
      readonly optimizer: OptimizerName;
    }
  /** What the machine gives at most; `bytes` are those of a copy, read and written together. */
  | { readonly kind: 'ceiling'; readonly ceiling: 'mulAdd' | 'fma' | 'copy'; readonly bytes: number }
  /** forward in evaluation mode, on one batch */
  | { readonly kind: 'infer'; readonly network: Network; readonly batch: number; readonly samples: Samples };

/** A row of the table. */
export interface Case {
  readonly name: string;
  readonly work: Work;
  /**
   * Floating-point operations of one run, a multiply and an add being two; of a convolution those of the direct one.
   */
  readonly flops: number;
  /** Bytes that one run must read and write when nothing stays in the cache from one pass over the data to the next. */
  readonly bytes: number;
  /** Which of the machine's ceilings limits it. */
  readonly bound: 'compute' | 'copy';
}

/** An input as a file of little-endian numbers. */
export interface InputFile {
  readonly file: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'uint8';
}

export type InputFiles = Readonly<Record<string, InputFile>>;

/** How a classifier of MNIST's digits is trained. */
export interface Recipe {
  readonly name: string;
  readonly network: Network;
  readonly batch: number;
  readonly optimizer: OptimizerName;
  readonly lr: number;
  /** Whether the rate goes up to `lr` and down again in one cycle over all epochs; else it stays there. */
  readonly oneCycle: boolean;
  /** Of Adam, the same in all steps. Default: 0.9 and 0.999, the first of which a cycle changes with the rate. */
  readonly betas?: readonly [number, number];
  /** Share of the target that is spread over all classes. Default: 0. */
  readonly labelSmoothing?: number;
  /** Whether pixels are standardised with mean 0.1307 and deviation 0.3081, in place of [0, 1]. Default: false. */
  readonly standardise?: boolean;
  /** At most. */
  readonly epochs: number;
  /** The run ends with the first epoch whose accuracy is above this one. */
  readonly until?: number;
  /**
   * What a published report tells of the same: the epoch that passed `until`, or within which it did; of what an epoch
   * took; and its test accuracy.
   */
  readonly published?: {
    readonly epoch: number;
    readonly secondsPerEpoch?: readonly [low: number, high: number];
    readonly accuracy: number;
  };
}

/** Where a run stood at the end of an epoch. */
export interface Milestone {
  /** Since the run began, its evaluations included. */
  readonly seconds: number;
  /** Share of the 10,000 test digits that are told right. */
  readonly accuracy: number;
}

/** Learning rates of the update and train cases; momentum is 0.9. */
export const LEARNING_RATES: Readonly<Record<OptimizerName, number>> = { sgd: 0.01, adam: 0.001 };

/** Steps whose losses are compared before a train case is timed. */
export const CHECKED_STEPS = 5;

// ---- What contenders and the bench say to each other, one JSON object a line. ----

export type Request =
  | { readonly do: 'hello' }
  /** Builds a case and runs it; `probe` has the positions, per output, of the numbers to report. */
  | {
      readonly do: 'open';
      readonly work: Work;
      readonly inputs: InputFiles;
      readonly probe: Readonly<Record<string, readonly number[]>>;
      readonly warmUpMs: number;
    }
  /** Runs it again and again for `ms`, at least once. */
  | { readonly do: 'time'; readonly ms: number }
  /** Runs it for `ms` and tells where the time went; only of lanewise started to be profiled. */
  | { readonly do: 'profile'; readonly ms: number }
  /** Trains from the parameters p0, p1, …; `seed` decides the order of the digits. */
  | { readonly do: 'reach'; readonly recipe: Recipe; readonly inputs: InputFiles; readonly seed: number }
  | { readonly do: 'close' };

/** Where the time and the memory of a case go. */
export interface Profile {
  readonly runs: number;
  readonly totalMs: number;
  /** Time inside each kernel, all runs together. */
  readonly kernels: readonly { readonly name: string; readonly calls: number; readonly ms: number }[];
  /** The most bytes at once, without what lives from run to run: parameters, optimizer state and data. */
  readonly peakBytes: number;
}

export type Reply =
  | { readonly is: 'hello'; readonly version: string; readonly threads: number; readonly fast: boolean }
  /** `outputs` has the numbers asked for; `note` what was chosen, where there was a choice. */
  | { readonly is: 'open'; readonly outputs: Readonly<Record<string, readonly number[]>>; readonly note?: string }
  | { readonly is: 'time'; readonly samplesMs: readonly number[] }
  | { readonly is: 'reach'; readonly epochs: readonly Milestone[] }
  | ({ readonly is: 'profile' } & Profile)
  | { readonly is: 'close' }
  /** `unsupported`: this contender has no such operation. */
  | { readonly is: 'error'; readonly message: string; readonly unsupported: boolean };
