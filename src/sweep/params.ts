/** What a sweep varies, and the settings that come of it. */
import { evenlySpaced, logSpaced } from '../experiments/spacing.js';
import { ArgumentError, manualSeed, rand, scope } from '../index.js';
import { type OptionTable, TRAIN_OPTIONS } from '../recipes/index.js';

/** Values to try, or a range to take them from. */
export type Param =
  | { readonly name: string; readonly values: readonly unknown[] }
  | {
      readonly name: string;
      readonly scale: 'log' | 'linear';
      readonly low: number;
      readonly high: number;
      readonly count: number | null;
    };

/** The values of one trial, by the names of the options. */
export type TrialValues = Readonly<Record<string, unknown>>;

/**
 * Every combination of the values; those of the last parameter change fastest.
 *
 * @throws {ArgumentError} when a range does not say how many values it stands for
 */
export function gridOf(params: readonly Param[]): TrialValues[] {
  return params.reduce<TrialValues[]>(
    (settings, param) =>
      settings.flatMap((others) => valuesOf(param).map((value) => ({ ...others, [param.name]: value }))),
    [{}],
  );
}

function valuesOf(param: Param): readonly unknown[] {
  if ('values' in param) return param.values;
  const { name, scale, low, high, count } = param;
  if (count === null)
    throw new ArgumentError('a grid needs to know how many values', {
      where: name,
      hint: `${name}=${scale}:${low}:${high}:COUNT`,
    });
  const spaced = (scale === 'log' ? logSpaced : evenlySpaced)(low, high, count);
  return [...new Set(spaced.map((value) => fitting(name, value)))];
}

/** `count` trials, each value drawn on its own: evenly from a list or a range, on the range's scale. */
export function drawTrials(params: readonly Param[], count: number, seed: number): TrialValues[] {
  manualSeed(seed);
  const draws = scope(() => rand([count, params.length]).data());
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(params.map((param, j) => [param.name, drawn(param, draws[i * params.length + j]!)])),
  );
}

/** @param share from 0 to 1, below 1 */
function drawn(param: Param, share: number): unknown {
  if ('values' in param) return param.values[Math.floor(share * param.values.length)];
  const { name, scale, low, high } = param;
  return fitting(
    name,
    Number((scale === 'log' ? low * (high / low) ** share : low + (high - low) * share).toPrecision(5)),
  );
}

/** The number as the option takes it. */
function fitting(name: string, value: number): number {
  return (TRAIN_OPTIONS as OptionTable)[name]!.kind === 'integer' ? Math.round(value) : value;
}

/** `lr 0.01, batchSize 64` */
export function describeTrial(values: TrialValues): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}
