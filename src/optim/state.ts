/** The saved state of an optimizer: its shape, and the checks before one is taken over. */

import { fraction, isRecord, type Rules } from '../runtime/arguments.js';
import { show } from '../runtime/describe.js';
import { CheckpointError } from '../runtime/errors.js';
import { snakeCase } from '../runtime/names.js';
import { empty } from '../tensor/create.js';
import { formatShape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { fits } from './gradient.js';
import { withoutRounding } from './math.js';

/** What an optimizer remembers about one parameter, under PyTorch's names. */
export type ParamState = Record<string, Tensor | number>;

/** Nested as PyTorch's: state by the number of the parameter, and the options of each group with the numbers in it. */
export interface OptimizerState {
  readonly state: Record<string, ParamState>;
  readonly paramGroups: Record<string, unknown>[];
}

/** What an optimizer keeps for a parameter: whether it counts steps, and the tensors that it may and must have. */
export interface StateLayout {
  readonly step: boolean;
  /** Whether it keeps a product of factors, `mu_product`. Default: false. */
  readonly product?: boolean;
  readonly tensors: readonly string[];
  /** Those of `tensors` that a parameter has after a step with the options of its group: `step()` makes them. */
  readonly required: readonly string[];
}

/** What the checks need to know about the optimizer that a state is for. */
export interface StateReader<Options> {
  readonly name: string;
  readonly groups: readonly { readonly params: readonly Tensor[]; readonly lr: number; readonly initialLr?: number }[];
  readonly rules: Rules<Options>;
  readonly layout: (options: Options) => StateLayout;
  /** @throws {LanewiseError} when a group cannot have these options */
  readonly check: (options: Options) => void;
}

/** What was read: the options of each group, and the entries of each parameter that has some. */
export interface ReadState<Options> {
  readonly options: readonly Options[];
  readonly entries: ReadonlyMap<Tensor, ParamState>;
}

/** An option, so that a list (betas) is not shared with the state. */
export function copied<Value>(value: Value): Value {
  return Array.isArray(value) ? ([...value] as Value) : value;
}

/** Frees the tensors among some entries. */
export function free(entries: ParamState): void {
  for (const value of Object.values(entries)) if (value instanceof Tensor) value.dispose();
}

/** Copies that no scope frees: all of them, or none where memory does not suffice. */
export function copyEntries(entries: ReadState<unknown>['entries']): Map<Tensor, ParamState> {
  const copies = new Map<Tensor, ParamState>();
  try {
    for (const [param, own] of entries) {
      const copy: ParamState = {};
      copies.set(param, copy);
      for (const [name, value] of Object.entries(own)) {
        copy[name] =
          name === 'step' || name === 'mu_product'
            ? (numberIn(value) as number)
            : empty(param.shape)
                .keep()
                .assign(value as Tensor);
      }
    }
  } catch (error) {
    for (const copy of copies.values()) free(copy);
    throw error;
  }
  return copies;
}

/** @throws {CheckpointError} when groups, parameters, options, entries or shapes are not those of the optimizer */
export function readState<Options>(reader: StateReader<Options>, given: OptimizerState): ReadState<Options> {
  const refuse: Refuse = (problem, cause) => {
    const hint = 'build the optimizer over the same model, with the same groups, as the one that was saved';
    throw new CheckpointError(problem, { where: `${reader.name}.loadStateDict`, hint, cause });
  };
  const { groups } = reader;
  const record = recordIn(refuse);
  const { state, paramGroups, ...others } = record(given, 'the state') as unknown as OptimizerState;
  for (const key of Object.keys(others)) refuse(`the state has the entry ${key} beside state and paramGroups`);
  record(state, 'state');
  if (!Array.isArray(paramGroups)) refuse(`paramGroups must be an array, not ${show(paramGroups)}`);
  if (paramGroups.length !== groups.length) {
    refuse(`the state has ${paramGroups.length} parameter groups, the optimizer ${groups.length}`);
  }

  const numbered = new Map<string, Tensor>();
  const entries = new Map<Tensor, ParamState>();
  const options = paramGroups.map((loaded: unknown, i) => {
    const { params } = groups[i]!;
    const { params: numbers, ...saved } = record(loaded, `group ${i} of the state`);
    if (!Array.isArray(numbers) || numbers.length !== params.length) {
      const count = Array.isArray(numbers) ? numbers.length : 'no';
      refuse(`group ${i} of the state has ${count} parameters, that of the optimizer ${params.length}`);
    }
    const own = readOptions(reader, saved, i, refuse);
    const layout = reader.layout(own);
    params.forEach((param, j) => {
      const number: unknown = numbers[j];
      if (!Number.isInteger(number)) {
        refuse(`params of group ${i} of the state must be whole numbers, not ${show(numbers)}`);
      }
      const key = String(number);
      if (numbered.has(key)) refuse(`parameter ${key} is there twice`);
      numbered.set(key, param);
      if (!Object.hasOwn(state, key)) return;
      checkEntries(state[key], param, layout, `parameter ${key}`, reader.name, refuse);
      entries.set(param, state[key]!);
    });
    return own;
  });
  const strange = Object.keys(state).find((number) => !numbered.has(number));
  if (strange !== undefined) refuse(`the state has entries for parameter ${strange}, which is in no group`);
  return { options, entries };
}

type Refuse = (problem: string, cause?: unknown) => never;

/** The value given back, if it is an object. */
const recordIn =
  (refuse: Refuse) =>
  (value: unknown, what: string): Record<string, unknown> =>
    isRecord(value) ? value : refuse(`${what} must be an object, not ${show(value)}`);

/** The options of a saved group by our names. */
function readOptions<Options>(
  { name, groups, rules, check }: StateReader<Options>,
  saved: Record<string, unknown>,
  group: number,
  refuse: Refuse,
): Options {
  const names = new Map([...Object.keys(rules), 'initialLr'].map((option) => [snakeCase(option), option]));
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(saved)) {
    const option = names.get(key);
    if (option === undefined) refuse(`group ${group} of the state has the option ${key}, which ${name} does not know`);
    options[option] = copied(value);
  }
  for (const option of Object.keys(rules)) {
    if (!(option in options)) refuse(`group ${group} of the state lacks the option ${snakeCase(option)}`);
  }
  options.lr = withoutRounding(options.lr, options.initialLr ?? groups[group]!.initialLr ?? groups[group]!.lr);
  try {
    check(options as Options);
  } catch (error) {
    refuse(`the options of group ${group} of the state are wrong: ${(error as Error).message}`, error);
  }
  return options as Options;
}

function checkEntries(
  given: unknown,
  param: Tensor,
  { step, product, tensors, required }: StateLayout,
  which: string,
  optimizer: string,
  refuse: Refuse,
): void {
  const entries = recordIn(refuse)(given, `the state of ${which}`);
  const needed = [...(step ? ['step'] : []), ...(product ? ['mu_product'] : []), ...required];
  for (const name of needed) if (entries[name] === undefined) refuse(`${which} lacks its ${name}`);
  for (const [name, value] of Object.entries(entries)) {
    if (step && name === 'step') {
      const count = numberIn(value);
      if (!Number.isInteger(count) || (count as number) < 0) {
        refuse(`the step of ${which} must be a whole number ≥ 0, not ${show(count)}`);
      }
    } else if (product && name === 'mu_product') {
      if (!fraction.holds(numberIn(value))) {
        refuse(`the ${name} of ${which} must be ${fraction.expected}, not ${show(numberIn(value))}`);
      }
    } else if (!tensors.includes(name)) {
      refuse(`${which} has the entry ${name}, which ${optimizer} does not know`);
    } else if (!fits(value, param)) {
      refuse(
        `${name} of ${which} is ${described(value)}, but the parameter is float32 of shape ${formatShape(param.shape)}`,
      );
    }
  }
}

function described(value: unknown): string {
  if (!(value instanceof Tensor)) return show(value);
  return `a ${value.disposed ? 'freed ' : ''}${value.dtype} tensor of shape ${formatShape(value.shape)}`;
}

/** PyTorch has such a number as a tensor in some optimizers. */
function numberIn(value: unknown): unknown {
  return value instanceof Tensor && value.size === 1 && !value.disposed ? value.item() : value;
}
