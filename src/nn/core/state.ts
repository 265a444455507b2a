/** State dicts: the parameters and buffers of a module by key, and how they are loaded. */
import { checkArguments, isRecord, refusal } from '../../runtime/arguments.js';
import { CheckpointError } from '../../runtime/errors.js';
import { checkValues, type DType, dtypeOf } from '../../tensor/dtype.js';
import { formatShape, type Shape, sameShape, sizeOf } from '../../tensor/shape.js';
import { isTensor, type Tensor } from '../../tensor/tensor.js';
import type { NumericArray } from '../../tensor/values.js';

/** Parameters and buffers by key (`features.0.weight`): the live tensors, not copies. */
export type StateDict = Record<string, Tensor>;

/** Values to load, as a file reader gives them. */
export interface StateArray {
  readonly shape: Shape;
  readonly data: NumericArray;
}

/** Values by their keys: what `stateDict()` gave, or what a file holds. */
export type LoadableState = Readonly<Record<string, Tensor | StateArray>>;

/** How well the keys must match. */
export interface LoadOptions {
  /** Whether missing and unexpected keys are errors. Default: true. */
  readonly strict?: boolean;
}

/** What did not match; both lists are empty after a strict load. */
export interface LoadResult {
  /** Keys of the module that the state lacks. */
  readonly missing: readonly string[];
  /** Keys of the state that the module lacks. */
  readonly unexpected: readonly string[];
}

/** Keys shown in a message; the rest is counted. */
const SHOWN = 8;

/**
 * Copies the values of `given` into the tensors of `own`: all of them, or none where something does not fit.
 *
 * @throws {CheckpointError} that lists missing and unexpected keys (when strict), and other shapes and dtypes
 */
export function loadState(name: string, own: StateDict, given: LoadableState, options: LoadOptions): LoadResult {
  checkArguments('model.loadStateDict(state, { strict: true })', given, options);
  const { strict = true } = options;
  const missing = Object.keys(own).filter((key) => !Object.hasOwn(given, key));
  const unexpected = Object.keys(given).filter((key) => !Object.hasOwn(own, key));
  const shared = Object.keys(own).filter((key) => Object.hasOwn(given, key));
  const different = shared.flatMap((key) => {
    const [want, have] = [describe(own[key]!, key), describe(given[key]!, key)];
    if (have.count !== sizeOf(have.shape))
      return [`${key} has ${have.count} values for shape ${formatShape(have.shape)}`];
    if (sameShape(want.shape, have.shape) && want.dtype === have.dtype) return [];
    const format = ({ shape, dtype }: { shape: Shape; dtype: DType }) =>
      (want.dtype === have.dtype ? '' : `${dtype} `) + formatShape(shape);
    return [`${key} is ${format(want)} in the model, ${format(have)} in the state`];
  });
  const problems = [
    ...(strict ? [list('missing', missing, ', '), list('unexpected', unexpected.map(quoted), ', ')] : []),
    list('of another shape', different, '; '),
  ].filter((line) => line !== null);
  if (problems.length > 0) {
    throw new CheckpointError([`the state does not fit this ${name}`, ...problems].join('\n  '), {
      where: 'loadStateDict',
      hint: hintFor(missing, unexpected, different),
    });
  }
  for (const key of shared) {
    const source = given[key]!;
    if (!isTensor(source)) checkValues(source.data, own[key]!.dtype, `loadStateDict: ${key}`);
  }
  for (const key of shared) {
    const source = given[key]!;
    own[key]!.assign(isTensor(source) ? source : source.data);
  }
  return { missing, unexpected };
}

function describe(value: Tensor | StateArray, key: string): { shape: Shape; dtype: DType; count: number } {
  if (isTensor(value)) {
    if (value.disposed) throw value.useAfterFree(`loadStateDict: ${key}`);
    return { shape: value.shape, dtype: value.dtype, count: value.size };
  }
  if (!isRecord(value) || !Array.isArray(value.shape))
    throw refusal('loadStateDict', key, 'a tensor or { shape, data }', value);
  return { shape: value.shape, dtype: dtypeOf(value.data, 'loadStateDict'), count: value.data.length };
}

/** A key of a file, so that it can be read: most need no quotes. */
const quoted = (key: string): string => (/^[\w.-]+$/.test(key) ? key : JSON.stringify(key));

function list(what: string, items: readonly string[], separator: string): string | null {
  if (items.length === 0) return null;
  const rest = items.length > SHOWN ? `${separator}and ${items.length - SHOWN} more` : '';
  const shown = items.slice(0, SHOWN).join(separator);
  return `${items.length} ${items.length === 1 ? 'key' : 'keys'} ${what}: ${shown}${rest}`;
}

function hintFor(missing: readonly string[], unexpected: readonly string[], different: readonly string[]): string {
  const prefixed = missing.length === 0 ? undefined : unexpected.find((key) => key.endsWith(`.${missing[0]}`));
  if (prefixed !== undefined) {
    const prefix = prefixed.slice(0, prefixed.length - missing[0]!.length);
    return `the keys of the state begin with ${JSON.stringify(prefix)}: remove that`;
  }
  if (different.length > 0) return 'build the model with the sizes that the checkpoint was saved with';
  return 'build the same model as the checkpoint was saved from, or pass { strict: false } to load the keys that match';
}
