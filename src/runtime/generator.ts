/**
 * The state behind every random number. Numbers are counter-based (Philox, in `assembly/random/`): a number depends on
 * the seed, the stream it is drawn from, how many draws that stream made before, and its place in the draw; never on
 * the number of threads, nor on what other streams did in between.
 */
import { checkArguments } from './arguments.js';
import { ArgumentError } from './errors.js';

/** What random numbers are drawn for: streams that do not disturb each other. */
export type Stream = 'init' | 'sample' | 'dropout' | 'shuffle' | 'augment' | 'split';

/** The number is part of the key: never renumber. */
export const STREAMS = { init: 1, sample: 2, dropout: 3, shuffle: 4, augment: 5, split: 6 } as const satisfies Record<
  Stream,
  number
>;

/** Everything that decides the random numbers to come: save it, and the draws go on as if never interrupted. */
export interface GeneratorState {
  readonly seed: number;
  /** Draws made so far, by stream. */
  readonly draws: Readonly<Partial<Record<Stream, number>>>;
}

/** What identifies one draw: the key (seed, stream) and the high half of the counter. */
export interface Draw {
  readonly seed: number;
  readonly stream: number;
  readonly draw: number;
}

let seed = 0;
let draws: Partial<Record<Stream, number>> = {};

/**
 * Starts all streams anew from `value`, an integer from 0 to 2³² − 1 (0 when never called).
 *
 * @throws {ArgumentError} when it is not such an integer
 */
export function manualSeed(value: number): void {
  checkArguments('manualSeed(seed=0)', value);
  if (value > 0xffff_ffff)
    throw new ArgumentError(`seed must be at most ${0xffff_ffff}, not ${value}`, { where: 'manualSeed' });
  seed = value;
  draws = {};
}

/** The state to save beside a checkpoint. */
export function generatorState(): GeneratorState {
  return { seed, draws: { ...draws } };
}

const COUNTS = Object.keys(STREAMS).map((name) => `${name}: 0`);

/**
 * Goes on from a saved state.
 *
 * @throws {ArgumentError} when it is not one; the state in use then stays
 */
export function setGeneratorState(state: GeneratorState): void {
  checkArguments(`setGeneratorState(state={ seed!: 0, draws!: { ${COUNTS} } })`, state);
  manualSeed(state.seed);
  draws = { ...state.draws };
}

/** The next draw of a stream; each call gives fresh numbers. @internal */
export function nextDraw(stream: Stream): Draw {
  const draw = draws[stream] ?? 0;
  draws[stream] = draw + 1;
  return { seed, stream: STREAMS[stream], draw };
}

/** Draw number `draw` of a stream, whatever was drawn before: for what is numbered by itself (epochs). @internal */
export function drawAt(stream: Stream, draw: number, fromSeed = seed): Draw {
  return { seed: fromSeed, stream: STREAMS[stream], draw };
}
