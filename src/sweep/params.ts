/** What a sweep varies, as it is written on the command line, and the settings that come of it. */

import { evenlySpaced, logSpaced } from '../experiments/spacing.js';
import { ArgumentError, manualSeed, rand, scope } from '../index.js';
import {
  checkOption,
  flagName,
  nearest,
  type OptionSpec,
  type OptionTable,
  parseOption,
  TRAIN_OPTIONS,
} from '../recipes/index.js';

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

/** What would have trials judged by different images, or is no setting of training. */
const FIXED = ['dataset', 'data', 'limit', 'testLimit'];

/**
 * Reads `NAME=VALUE,VALUE,…`, `NAME=log:LOW:HIGH[:COUNT]` or `NAME=linear:LOW:HIGH[:COUNT]`. Values that are lists
 * themselves (`hidden`) are separated by semicolons.
 *
 * @throws {ArgumentError} saying what is allowed
 */
export function parseParam(text: string): Param {
  const where = `--param ${text}`;
  const [, written, rest] = /^([\w-]+)=(.+)$/.exec(text) ?? [];
  if (written === undefined || rest === undefined)
    throw new ArgumentError('it must be NAME=VALUES', {
      where,
      hint: 'as in --param lr=log:1e-4:1e-1:8 or --param model=mlp,mlp-bn',
    });
  const name = written.replace(/^--/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const table: OptionTable = TRAIN_OPTIONS;
  const spec = Object.hasOwn(table, name) ? table[name] : undefined;
  if (spec === undefined) {
    const meant = nearest(name, Object.keys(table));
    throw new ArgumentError(`there is no training option ${JSON.stringify(written)}`, {
      where,
      ...(meant !== undefined && { hint: `did you mean ${meant}?` }),
    });
  }
  if (FIXED.includes(name))
    throw new ArgumentError(`${name} cannot be varied: all trials are judged by the same images`, { where });
  if (/^(log|linear):/.test(rest)) return parseRange(name, spec, rest, where);
  const values = rest
    .split(spec.kind === 'sizes' ? ';' : ',')
    .map((value) =>
      spec.kind === 'flag'
        ? checkOption(name, spec, value === 'true' ? true : value === 'false' ? false : value)
        : parseOption(name, spec, value),
    );
  return { name, values };
}

function parseRange(name: string, spec: OptionSpec, text: string, where: string): Param {
  const [scale, ...parts] = text.split(':') as ['log' | 'linear', ...string[]];
  const [low = NaN, high = NaN, count] = parts.map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (spec.kind !== 'number' && spec.kind !== 'integer')
    throw new ArgumentError(`${name} is no number: list its values`, { where });
  if (
    parts.length > 3 ||
    !Number.isFinite(low) ||
    !Number.isFinite(high) ||
    low > high ||
    (scale === 'log' && low <= 0)
  ) {
    throw new ArgumentError(
      `a range is ${scale}:LOW:HIGH or ${scale}:LOW:HIGH:COUNT, with LOW ≤ HIGH${scale === 'log' ? ' and LOW above 0' : ''}`,
      { where },
    );
  }
  if (count !== undefined && (!Number.isInteger(count) || count < 1))
    throw new ArgumentError(`COUNT must be a whole number ≥ 1, not ${parts[2]}`, { where });
  for (const end of [low, high]) checkOption(name, spec, end);
  return { name, scale, low, high, count: count ?? null };
}

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
      where: `--param ${name}`,
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

/** `--lr 0.01 --batch-size 64` */
export function describeTrial(values: TrialValues): string {
  return Object.entries(values)
    .map(([name, value]) => {
      const spec = (TRAIN_OPTIONS as OptionTable)[name]!;
      if (spec.kind !== 'flag') return `${flagName(name)} ${String(value)}`;
      return value === spec.default ? '' : spec.default ? flagName(name).replace('--', '--no-') : flagName(name);
    })
    .filter((part) => part !== '')
    .join(' ');
}
