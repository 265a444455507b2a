/** What a sweep varies, as it is written on the command line. */
import { ArgumentError } from '../index.js';
import {
  checkOption,
  nearest,
  type OptionSpec,
  type OptionTable,
  parseOption,
  TRAIN_OPTIONS,
} from '../recipes/index.js';
import type { Param, TrialValues } from '../sweep/params.js';
import { flagName, offFlag } from './flags.js';

/** What would have trials judged by different images, or is not a setting of training. */
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
    throw new ArgumentError(`${name} is not a number: list its values`, { where });
  if (
    parts.length > 3 ||
    !Number.isFinite(low) ||
    !Number.isFinite(high) ||
    low > high ||
    (scale === 'log' && low <= 0)
  ) {
    throw new ArgumentError(
      `a range is ${scale}:LOW:HIGH or ${scale}:LOW:HIGH:COUNT, with LOW ≤ ` +
        `HIGH${scale === 'log' ? ' and LOW above 0' : ''}`,
      { where },
    );
  }
  if (count !== undefined && (!Number.isInteger(count) || count < 1))
    throw new ArgumentError(`COUNT must be a whole number ≥ 1, not ${parts[2]}`, { where });
  for (const end of [low, high]) checkOption(name, spec, end);
  return { name, scale, low, high, count: count ?? null };
}

/** `--lr 0.01 --batch-size 64` */
export function trialFlags(values: TrialValues): string {
  return Object.entries(values)
    .map(([name, value]) => {
      const spec = (TRAIN_OPTIONS as OptionTable)[name]!;
      if (spec.kind !== 'flag') return `${flagName(name)} ${String(value)}`;
      return value === spec.default ? '' : spec.default ? offFlag(name) : flagName(name);
    })
    .filter((part) => part !== '')
    .join(' ');
}
