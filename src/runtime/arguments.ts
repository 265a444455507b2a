/**
 * The one checker of arguments. What a function takes is said by an example of a call, which the error then shows:
 *
 *     checkArguments('maxPool2d(x, kernelSize=2|[2, 2], { stride: 2|[2, 2], ceilMode: false })', x, size, options);
 *
 * Whatever is written in the place of an argument stands for all of its kind:
 *
 * | in the example | what may be given |
 * |---|---|
 * | `x` (any name but those of `KINDS`) | a tensor that is alive |
 * | `1`, `0`, `-1` | a whole number ≥ 1, a whole number ≥ 0, a whole number |
 * | `0.5`, `1e-5` | a number, which NaN is not |
 * | `true`, `false` | true or false |
 * | `'mean'`, `"mean"` | this text, any text |
 * | `[1]` | an array, each what the first element stands for (where that is `1`, any whole number) |
 * | `(a) => b` | a function |
 * | `{ stride: 1, lr!: 0.1 }` | an object with no other options than these; `!` marks one that must be given |
 * | `{ lr!: 0.1, ... }` | the same, with any others |
 * | `1\|null` | either; messages show the first |
 *
 * `name=` before an argument is its name in messages, `name?=` says that it may be left out, as options may.
 */
import { show } from './describe.js';
import { ArgumentError, type LanewiseError } from './errors.js';
import { examples } from './examples.js';

/** What a value may be. */
export interface Rule {
  /** Whether it may be this. */
  readonly holds: (value: unknown) => boolean;
  /** Completes "must be …". */
  readonly expected: string;
  /** The error for a value that may not be, where there is more to say than what was expected. @internal */
  readonly refuse?: (value: unknown, name: string, where: string, expected: string) => LanewiseError;
}

/** What each of the options may be. */
export type Rules<Options> = { readonly [Name in keyof Options]-?: Rule };

// ---- Rules ----

const rule = (expected: string, holds: (value: unknown) => boolean): Rule => ({ holds, expected });
/** NaN is none: it would make all that is computed with it NaN. */
const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value);
const wholeFrom = (least: number): Rule =>
  rule(`a whole number ≥ ${least}`, (value) => Number.isInteger(value) && (value as number) >= least);

const number = rule('a number', isNumber);
const whole = rule('a whole number', Number.isInteger);
export const finite = rule('a finite number', Number.isFinite);
export const notNegative = rule('a finite number ≥ 0', (value) => Number.isFinite(value) && (value as number) >= 0);
export const positive = rule('a finite number > 0', (value) => notNegative.holds(value) && value !== 0);
export const count = wholeFrom(0);
export const positiveCount = wholeFrom(1);
/** For what averages decay by: at 1 they would never move. */
export const decay = rule('a number in [0, 1)', (value) => isNumber(value) && value >= 0 && value < 1);
export const fraction = rule('a number in [0, 1]', (value) => isNumber(value) && value >= 0 && value <= 1);
export const flag = rule('true or false', (value) => typeof value === 'boolean');
export const callable = rule('a function', (value) => typeof value === 'function');
const text = rule('a text', (value) => typeof value === 'string');

export const listOf = (item: Rule): Rule => {
  // By findIndex, which visits holes too.
  const wrongIn = (list: readonly unknown[]): number => list.findIndex((each) => !item.holds(each));
  return {
    expected: `an array, each ${item.expected}`,
    holds: (value) => Array.isArray(value) && wrongIn(value) < 0,
    refuse: (value, name, where, expected) => {
      if (!Array.isArray(value)) return refusal(where, name, expected, value);
      const wrong = wrongIn(value);
      return explain(where, `${name}[${wrong}]`, item, value[wrong]);
    },
  };
};
export const either = (...rules: readonly Rule[]): Rule =>
  rule(joined(rules.map(({ expected }) => expected)), (value) => {
    for (let i = 0; i < rules.length; i++) if (rules[i]!.holds(value)) return true;
    return false;
  });
export const oneOf = (...values: readonly unknown[]): Rule =>
  rule(joined(values.map(show)), (value) => values.includes(value));
export const optional = (given: Rule): Rule => ({
  ...given,
  holds: (value) => value === undefined || given.holds(value),
});
export const decays = rule('two numbers in [0, 1)', (value) => {
  return listOf(decay).holds(value) && (value as unknown[]).length === 2;
});

/** `a, b or c` */
function joined(parts: readonly string[]): string {
  const each = [...new Set(parts)];
  return each.length < 2 ? each.join() : `${each.slice(0, -1).join(', ')} or ${each.at(-1)}`;
}

/** Something that has these properties: what classes of one's own have too. */
export const having = (expected: string, ...properties: readonly string[]): Rule =>
  rule(expected, (value) => value instanceof Object && properties.every((property) => property in value));

/** Whether it is an object with fields of its own making: not null, not a list of any kind. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(Symbol.iterator in value);
}

const iterable = rule('a list', (value) => typeof value === 'object' && value !== null && Symbol.iterator in value);

const module = having('a module', 'forward', 'parameters');

const record = rule('an object', isRecord);

/** What is written in examples for other things than tensors. */
const KINDS: Record<string, Rule> = {
  null: oneOf(null),
  true: flag,
  false: flag,
  any: rule('something', (value) => value !== undefined),
  model: module,
  layer: module,
  layers: iterable,
  'model.parameters()': iterable,
  dataset: having('a data set', 'batch', 'length'),
  loader: having('a DataLoader', 'from', 'length'),
  optimizer: having('an optimizer', 'step', 'paramGroups'),
  scheduler: having('a scheduler', 'step', 'lastEpoch'),
  signal: having('an AbortSignal', 'aborted'),
  worker: having('a Worker', 'postMessage'),
  bytes: rule(
    'bytes (a Uint8Array or an ArrayBuffer)',
    // By its tag: one of another realm is of another class.
    (value) => ArrayBuffer.isView(value) || /ArrayBuffer]$/.test(Object.prototype.toString.call(value)),
  ),
  numbers: rule('an array of numbers', (value) => Array.isArray(value) || ArrayBuffer.isView(value)),
  transform: having('a transform', 'kind'),
  picture: having('a picture', 'data', 'width', 'height'),
  state: record,
  settings: record,
  TRAIN_OPTIONS: record,
  Infinity: oneOf(Infinity),
  NaN: oneOf(NaN),
  url: having('a URL', 'href'),
  file: having('a Blob or File', 'arrayBuffer'),
};

/** The rule of tensors, which `tensor/` knows. */
let tensorRule: Rule;

/** Whether a value is a tensor that was not freed. @internal */
export const isLiveTensor = (value: unknown): boolean => tensorRule.holds(value);

/** Checks the one argument of an operation. @internal */
export function checkTensor(where: string, x: unknown): void {
  if (!tensorRule.holds(x)) checkArguments(`${where}(x)`, x);
}

/** @internal */
export function setTensorRule(given: Rule): void {
  tensorRule = given;
}

// ---- Options ----

/** An object with no options but these, each as its rule says. */
function optionsOf(rules: Readonly<Record<string, Rule>>): Rule {
  const entries = Object.entries(rules);
  const wrongOne = (given: Record<string, unknown>): string | undefined => {
    for (const name in given)
      if (given[name] !== undefined && !rules['...'] && !Object.hasOwn(rules, name)) return name;
    for (let i = 0; i < entries.length; i++) {
      const [name, { holds }] = entries[i]!;
      if (!holds(given[name])) return name;
    }
    return undefined;
  };
  return {
    expected: 'an object',
    holds: (given) => isRecord(given) && wrongOne(given) === undefined,
    refuse: (given, what, where, expected) => {
      if (!isRecord(given)) return refusal(where, what, expected, given);
      const name = wrongOne(given)!;
      if (Object.hasOwn(rules, name)) return explain(where, name, rules[name]!, given[name]);
      const names = Object.keys(rules);
      const meant = nearest(name, names);
      const hint = meant === undefined ? `the options are ${names.join(', ')}` : `did you mean ${meant}?`;
      return new ArgumentError(`there is no option ${name}`, { where, hint });
    },
  };
}

/** @internal */
export function refusal(where: string | undefined, name: string, expected: string, value: unknown): ArgumentError {
  const problem = `${name} must be ${expected}, not ${show(value)}`;
  return new ArgumentError(problem, where === undefined ? {} : { where });
}

function explain(where: string, name: string, { expected, refuse }: Rule, value: unknown): LanewiseError {
  return (refuse ?? ((given) => refusal(where, name, expected, given)))(value, name, where, expected);
}

/**
 * Checks options by rules, and adds the defaults of those that are left out: for classes that keep their options, such
 * as optimizers of one's own.
 *
 * @param where the name of the class or function, for messages
 * @throws {ArgumentError} when an option has no rule, or is not what its rule says
 * @example
 * const isShare = (value: unknown) => Number(value) >= 0 && Number(value) <= 1;
 * const share = { expected: 'a number in [0, 1]', holds: isShare };
 * readOptions<{ alpha: number }>('Lookahead', { alpha: 0.8 }, { alpha: share });   // { alpha: 0.8 }
 */
export function readOptions<Options extends object, Known extends keyof Options = never>(
  where: string,
  given: Partial<Options> | undefined,
  rules: Rules<Options>,
  defaults?: { readonly [Name in Known]: Exclude<Options[Name], undefined> },
): Options & { readonly [Name in Known]-?: Exclude<Options[Name], undefined> } {
  if (given !== undefined && !isRecord(given)) throw refusal(where, 'options', 'an object', given);
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  const options = { ...defaults, ...Object.fromEntries(set) } as ReturnType<typeof readOptions<Options, Known>>;
  if (!isRecord(rules)) throw refusal(where, 'rules', 'an object', rules);
  const rule = optionsOf(rules);
  if (!rule.holds(options)) throw explain(where, 'options', rule, options);
  return options;
}

/** The name that was probably meant: at most two letters away, a third of them in short names; undefined for none. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  for (let most = 0; most <= Math.min(2, name.length / 3); most++) {
    const found = names.find((candidate) => within(most, name.toLowerCase(), candidate.toLowerCase()));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether `b` is made of `a` by putting in, taking out or changing at most so many letters. */
function within(most: number, a: string, b: string): boolean {
  if (a === b || most < 0) return most >= 0;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return within(most, restA, restB);
  return within(most - 1, restA, b) || within(most - 1, a, restB) || within(most - 1, restA, restB);
}

// ---- Calls ----

/** One place of an example: its rule, its name, and how it is shown. */
interface Place extends Rule {
  readonly name: string;
  readonly shown: string;
  readonly required: boolean;
}

interface Call {
  readonly where: string;
  readonly places: readonly Place[];
}

const calls = new Map<string, Call>();

/**
 * Checks the arguments of a call by an example of it: the first lines of a function or class of one's own.
 *
 * In the example, a name stands for a tensor, `1`, `0` and `-1` for a whole number from 1, from 0, or any; `0.5` for a
 * number, `true` for a flag, `'mean'|'sum'` for one of these texts, `[1]` for an array, `{ … }` for options. `name=`
 * names an argument for messages, `name?=` says that it may be left out, `name!:` that an option must be given.
 *
 * @throws {ArgumentError} when an argument is of another kind, or an option is unknown: with the example
 * @throws {DisposedTensorError} when a tensor was freed
 * @example
 * class Scale extends nn.Module {
 *   constructor(readonly size: number, options: { bias?: boolean } = {}) {
 *     super();
 *     checkArguments('new Scale(size=3, { bias: true })', size, options);
 *   }
 *   forward(x: Tensor): Tensor {
 *     return x.mul(this.size);
 *   }
 * }
 */
export function checkArguments(example: string, ...given: readonly unknown[]): void {
  const { where, places } = calls.get(example) ?? read(example);
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (!place.holds(given[i])) throw explain(where, place.name, place, given[i]);
  }
}

/** Reads an example, and notes it for the errors of that name. */
function read(example: string): Call {
  const parts = text.holds(example) && /^([^(]*?((?:(?:init|[A-Z]\w+)\.)?\w+))\((.*)\)$/.exec(example);
  if (!parts) throw refusal('checkArguments', 'example', "a call such as 'f(x, size=2)'", example);
  const [, head, where, inside] = parts;
  const call = { where: where!, places: split(inside!, ',').map((part) => placeOf(part, true)) };
  calls.set(example, call);
  examples.set(where!, `${head}(${call.places.map(({ shown }) => shown).join(', ')})`);
  return call;
}

/** The parts between separators that are in no brackets or double quotes. */
function split(text: string, separator: string): string[] {
  const parts =
    text.match(new RegExp(`([^${separator}(["{]|"[^"]*"|\\([^)]*\\)|\\[[^\\]]*]|{([^{}]|{[^}]*})*})+`, 'g')) ?? [];
  return parts.map((part) => part.trim());
}

/** `kernelSize=2|[2, 2]`, `p?=0.5`, `lr!: 0.1`, `x`. */
function placeOf(part: string, argument: boolean): Place {
  const [, label, mark, sign, body] = /^(?:(\w+)([?!]?)([=:]) ?)?(.*)$/.exec(part)!;
  const samples = split(body!, '|');
  const rules = samples.map(ruleOf);
  const [{ refuse }] = rules as [Rule];
  const [sample] = samples as [string];
  const { expected, holds } = rules.length > 1 ? either(...rules) : rules[0]!;
  const isOptions = sample[0] === '{';
  const required = mark === '!' || (argument && mark !== '?' && !(isOptions && !sample.includes('!')));
  const shown = isOptions ? shownOptions(sample) : sample;
  return {
    expected,
    holds: required ? holds : (value) => value === undefined || holds(value),
    // Of several kinds, the first is the one that is explained.
    ...(refuse !== undefined && { refuse }),
    name: label ?? (isOptions ? 'options' : sample),
    shown: sign === ':' && shown !== label ? `${label}: ${shown}` : shown,
    required,
  };
}

const optionsIn = (sample: string): Place[] => split(sample.slice(1, -1), ',').map((part) => placeOf(part, false));

/** Those that must be given; the first three where there are none. */
function shownOptions(sample: string): string {
  const places = optionsIn(sample);
  const required = places.filter((place) => place.required);
  return `{ ${(required.length > 0 ? required : places.slice(0, 3)).map(({ shown }) => shown).join(', ')} }`;
}

/** What a sample stands for. */
function ruleOf(sample: string): Rule {
  const inside = sample.slice(1, -1);
  switch (sample[0]) {
    case '{':
      return optionsOf(Object.fromEntries(optionsIn(sample).map((place) => [place.name, place])));
    case '[': {
      const [item] = split(inside, ',') as [string];
      return listOf(/^-?\d+$/.test(item) ? whole : placeOf(item, true));
    }
    case '(':
      return callable;
    case "'":
      return oneOf(inside);
    case '"':
      return text;
  }
  if (!/^-?\d/.test(sample)) return KINDS[sample] ?? tensorRule;
  if (/[.e]/.test(sample)) return number;
  return sample[0] === '-' ? whole : sample === '0' ? count : positiveCount;
}
