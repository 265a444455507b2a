/**
 * Every export, called wrongly by a caller without TypeScript: one argument of a wrong kind at a time. Each call throws
 * (or rejects with) a LanewiseError that names the function and shows a right call, and leaves nothing behind; or the
 * table says why the value is accepted.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import * as lanewise from '../src/index.js';
import {
  ArgumentError,
  init,
  LanewiseError,
  memory,
  models,
  nn,
  optim,
  scope,
  Tensor,
  transforms,
} from '../src/index.js';
import { BASES, type Call, CLASSES, ELSEWHERE, FUNCTIONS, METHODS, matrix, OTHERS, vector } from './support/calls.js';

/** Values of other kinds than the right one. */
function wrongFor(right: unknown): unknown[] {
  const freed = vector();
  freed.dispose();
  if (right === null) return ['text', 3, {}, freed];
  if (right instanceof Tensor) return [undefined, null, 'text', 3, {}, freed];
  if (typeof right === 'number') return [null, 'text', {}, freed];
  if (typeof right === 'string') return [null, 3, {}, 'nonsense'];
  if (typeof right === 'boolean') return [null, 'text', 3];
  if (typeof right === 'function') return [undefined, null, 'text', 3, {}];
  if (Array.isArray(right)) return [null, 'text', 3, {}, [{}]];
  if (Object.getPrototypeOf(right) === Object.prototype) return [null, 'text', 3, { misspelt: 1 }];
  return [undefined, null, 'text', 3, {}];
}

const shown = (value: unknown): string =>
  value instanceof Tensor
    ? 'a freed tensor'
    : typeof value === 'string'
      ? `'${value}'`
      : (JSON.stringify(value) ?? 'undefined');

/** Methods that are another operation under a second name, which errors speak of. */
const NAMES: Record<string, string> = { to: 'cast' };
/** Operations whose operands may be numbers. */
const ARITHMETIC =
  /^(add|sub|mul|div|pow|maximum|minimum|eq|ne|lt|le|gt|ge|where|logical(And|Or|Xor)): argument \d = 3$/;
/** What is accepted though it is of another kind than in the table, with the reason. */
const ACCEPTED: Record<string, string> = {
  "record: argument 1 = 'nonsense'": 'any text is a name',
  'tensor: argument 1 = 3': 'a number is a scalar',
  'scatter: argument 4 = 3': 'a number is put everywhere',
  'nn.LayerNorm: argument 1 = 3': 'a number is the shape of one axis',
  'nn.RMSNorm: argument 1 = 3': 'a number is the shape of one axis',
  'pad: argument 3 = 3': 'a number is the constant',
  'pad: argument 2 = 3': 'a number is the constant of the method',
  'assign: argument 1 = a freed tensor': 'the error says which tensor was freed',
};

/** How many more tensors are alive after it. */
function growth(body: () => void): number {
  const before = memory().tensors;
  body();
  return memory().tensors - before;
}

/** Makes the wrong calls; returns what came of those that did not answer as they should. */
async function failures(name: string, call: Call, run: (...values: unknown[]) => unknown): Promise<string[]> {
  const found: string[] = [];
  const count = scope(() => call().length);
  // What the arguments themselves keep: parameters, data sets.
  const kept = growth(() => scope(() => void call()));
  let refused = false;
  const attempt = async (place: number, wrong: unknown, values: readonly unknown[]): Promise<void> => {
    const key = `${name}: argument ${place + 1} = ${shown(wrong)}`;
    let said: string;
    try {
      const result = run(...values);
      said = `gives ${String(result instanceof Promise ? await result : result).slice(0, 60)}`;
    } catch (error) {
      refused = true;
      const { message } = error as Error;
      const own = name.split('.').at(-1)!;
      // An error about a value, such as an axis that does not exist, says what would be right in its own words.
      const shows = !(error instanceof ArgumentError) || /\n {2}(as in|hint:) /.test(message);
      if (error instanceof LanewiseError && message.includes(NAMES[own] ?? own) && shows) return;
      said = `throws ${(error as Error).name}: ${message.split('\n')[0]}`;
    }
    if (!(key in ACCEPTED) && !ARITHMETIC.test(key)) found.push(`${key} ${said}`);
  };
  for (let place = 0; place < count; place++) {
    const choices = scope(() => wrongFor(call()[place])).length;
    for (let choice = 0; choice < choices; choice++) {
      const alive = memory().tensors;
      const pending: Promise<void>[] = [];
      refused = false;
      scope(() => {
        const values = [...call()];
        const wrong = wrongFor(values[place])[choice];
        values[place] = wrong;
        pending.push(attempt(place, wrong, values));
      });
      await Promise.all(pending);
      if (refused && memory().tensors - alive > kept)
        found.push(`${name}: argument ${place + 1} leaves tensors behind`);
    }
  }
  return found;
}

beforeAll(async () => {
  await init();
});

const namespaces: Record<string, object> = {
  '': lanewise,
  'nn.': nn,
  'nn.init.': nn.init,
  'optim.': optim,
  'models.': models,
  'transforms.': transforms,
  'autograd.': lanewise.autograd,
};
const isClass = (value: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(value));
const exported = Object.entries(namespaces).flatMap(([prefix, space]) =>
  Object.entries(space)
    .filter(([, value]) => typeof value === 'function')
    .map(([name, value]) => [prefix + name, value as (...values: unknown[]) => unknown] as const),
);

test('every function and class has a right call here', () => {
  const missing = exported
    .map(([name]) => name)
    .filter((name) => !BASES.test(name) && !ELSEWHERE.has(name.replace(/^.*\./, '')))
    .filter(
      (name) => !(name in FUNCTIONS || name.replace('optim.', '') in FUNCTIONS || name in CLASSES || name in OTHERS),
    );
  expect(missing.filter((name) => !/fillByFanIn|observeForward/.test(name))).toEqual([]);
});

describe('functions', () => {
  test.each(
    exported.filter(([name, value]) => !isClass(value) && (FUNCTIONS[name.replace('optim.', '')] ?? OTHERS[name])),
  )('%s', async (name, value) => {
    expect(await failures(name, FUNCTIONS[name.replace('optim.', '')] ?? OTHERS[name]!, value)).toEqual([]);
  });
});

describe('classes', () => {
  test.each(exported.filter(([name]) => name in CLASSES))('%s', async (name, value) => {
    const Class = value as unknown as new (...values: unknown[]) => object;
    expect(await failures(name, CLASSES[name]!, (...values) => new Class(...values))).toEqual([]);
  });
});

describe('methods of tensors', () => {
  test.each(Object.entries(METHODS))('%s', async (name, call) => {
    const run = (...values: unknown[]) =>
      (matrix() as unknown as Record<string, (...given: unknown[]) => unknown>)[name]!(...values);
    expect(await failures(name, call, run)).toEqual([]);
  });
});
