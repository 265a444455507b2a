import { describe, expect, test } from 'vitest';
import { ArgumentError, checkArguments, DisposedTensorError, readOptions, zeros } from '../../src/index.js';
import { nearest } from '../../src/runtime/arguments.js';

const message = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as Error).message;
  }
  return 'accepted';
};

describe('checkArguments', () => {
  const example = "new Part(size=1, rate?=0.5, { mode: 'a'|'b', axis: -1, sizes: 2|[2, 2], loss!: (x) => x.sum() })";
  const loss = () => 0;
  const check = (...given: unknown[]) => message(() => checkArguments(example, ...given));
  const call = '\n  as in new Part(1, 0.5, { loss: (x) => x.sum() })';

  test('takes what the example stands for', () => {
    expect(check(3, 0, { loss })).toBe('accepted');
    expect(check(3, undefined, { loss, mode: 'b', axis: -7, sizes: [3, 4] })).toBe('accepted');
    expect(check(3, -1.5, { loss, mode: undefined, sizes: 3 })).toBe('accepted');
  });

  test.each([
    [[0, 1, { loss }], 'Part: size must be a whole number ≥ 1, not 0'],
    [['3', 1, { loss }], "Part: size must be a whole number ≥ 1, not '3'"],
    [[3, null, { loss }], 'Part: rate must be a number, not null'],
    [[3, 1], 'Part: options must be an object, not left out'],
    [[3, 1, 2], 'Part: options must be an object, not 2'],
    [[3, 1, new Map()], 'Part: options must be an object, not a Map'],
    [[3, 1, {}], 'Part: loss must be a function, not left out'],
    [[3, 1, { loss, mode: 'c' }], "Part: mode must be 'a' or 'b', not 'c'"],
    [[3, 1, { loss, axis: 0.5 }], 'Part: axis must be a whole number, not 0.5'],
    [
      [3, 1, { loss, sizes: ['2'] }],
      "Part: sizes must be a whole number ≥ 1 or an array, each a whole number, not ['2']",
    ],
    [[3, 1, { loss, modes: 'a' }], 'Part: there is no option modes\n  hint: did you mean mode?'],
    [[3, 1, { loss, other: 1 }], 'Part: there is no option other\n  hint: the options are mode, axis, sizes, loss'],
  ])('%j', (given, expected) => {
    expect(check(...(given as unknown[]))).toBe(expected + call);
  });

  test('tensors are alive, also those in arrays', () => {
    const [x, freed] = [zeros([2]), zeros([2])];
    freed.dispose();
    expect(() => checkArguments('join(tensors=[a, b])', [x, freed])).toThrow(DisposedTensorError);
    expect(message(() => checkArguments('join(tensors=[a, b])', [x, 1]))).toBe(
      'join: tensors[1] must be a tensor, not 1\n  as in join([a, b])',
    );
    expect(message(() => checkArguments('plus(x, y=y|0.5)', x, '1'))).toMatch(/^plus: y must be a tensor or a number/);
  });
});

test('readOptions adds the defaults of options that are left out or undefined', () => {
  const positive = { expected: 'above 0', holds: (value: unknown) => Number(value) > 0 };
  const rules = { alpha: positive, beta: positive };
  expect(readOptions('Own', { alpha: 2, beta: undefined } as object, rules, { beta: 1 })).toEqual({
    alpha: 2,
    beta: 1,
  });
  expect(message(() => readOptions('Own', { alpha: -1 } as object, rules, { beta: 1 }))).toBe(
    'Own: alpha must be above 0, not -1',
  );
});

test.each([
  ['pading', 'padding'],
  ['batchsize', 'batchSize'],
  ['epoch', 'epochs'],
  ['larning', undefined],
  ['x', undefined],
  ['ls', undefined],
])('nearest to %s is %s', (name, expected) => {
  expect(nearest(name, ['lr', 'padding', 'epochs', 'batchSize'])).toBe(expected);
});
