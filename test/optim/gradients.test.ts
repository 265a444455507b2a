/** What optimizers and clipping make of a gradient that does not fit: a typed error, before anything has changed. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DisposedTensorError,
  DTypeError,
  init,
  memory,
  ones,
  optim,
  ShapeError,
  scope,
  type Tensor,
  zeros,
} from '../../src/index.js';
import { setGuards } from '../../src/runtime/guards.js';
import { make, optimizers } from '../cases/optimizers.js';
import { eachTestInScope } from '../support/scope.js';
import { contentOf } from './content.js';

beforeAll(async () => {
  await init();
  setGuards(true);
});
eachTestInScope();

/** Gives a parameter any gradient, past the checks of its setter. */
function forceGradient(param: Tensor, gradient: unknown): void {
  Object.defineProperty(param, 'grad', { value: gradient, configurable: true, writable: true });
}

function freed(tensor: Tensor): Tensor {
  tensor.dispose();
  return tensor;
}

const wrong: readonly (readonly [string, () => unknown, new (...given: never[]) => Error, string])[] = [
  ['is shorter than the parameter', () => zeros([2]), ShapeError, 'has shape [2], the parameter [2, 3]'],
  ['is longer than the parameter', () => zeros([2, 4]), ShapeError, 'has shape [2, 4], the parameter [2, 3]'],
  ['has another shape', () => zeros([3, 2]), ShapeError, 'has shape [3, 2], the parameter [2, 3]'],
  ['is of integers', () => zeros([2, 3], { dtype: 'int32' }), DTypeError, 'is int32, not float32'],
  ['was freed', () => freed(zeros([2, 3])), DisposedTensorError, 'was freed'],
  ['is not a tensor', () => new Float32Array(6), ArgumentError, 'must be a tensor or null, not a Float32Array'],
  ['is undefined', () => undefined, ArgumentError, 'must be a tensor or null, not left out'],
];

/** Two parameters with gradients; that of the second is then replaced. */
function begin() {
  const params = [ones([4], { requiresGrad: true }), ones([2, 3], { requiresGrad: true })] as const;
  for (const param of params) param.grad = ones(param.shape);
  return params;
}

describe.each(wrong)('a gradient that %s', (_what, gradient, Kind, message) => {
  test.each(optimizers.map(([kind, options]) => [kind, JSON.stringify(options), options] as const))(
    'is refused by %s %s',
    (kind, _shown, options) => {
      const [first, second] = begin();
      const optimizer = make(kind, [{ params: [first] }, { params: [second] }] as never, options);
      forceGradient(second, gradient());
      for (const steps of [0, 1]) {
        if (steps > 0) {
          const wrongOne = second.grad;
          forceGradient(second, ones([2, 3]));
          optimizer.step();
          forceGradient(second, wrongOne);
        }
        const [before, { tensors }] = [contentOf(optimizer), memory()];
        expect(() => optimizer.step()).toThrow(Kind);
        expect(() => optimizer.step()).toThrow(`${kind}.step: the gradient of parameter 0 of group 1 ${message}`);
        expect(contentOf(optimizer)).toEqual(before);
        expect(memory().tensors).toBe(tensors);
      }
      optimizer.dispose();
    },
  );
});

test.each(wrong.filter(([, , Kind]) => Kind !== ShapeError))(
  'clipping refuses a gradient that %s, before anything is scaled',
  (_what, gradient, Kind, message) => {
    const [first, second] = begin();
    forceGradient(second, gradient());
    for (const clip of [optim.clipGradNorm, optim.clipGradValue]) {
      const body = () => clip([first, second], 0.1);
      expect(body).toThrow(Kind);
      expect(body).toThrow(`${clip.name}: the gradient of parameter 1 ${message}`);
    }
    expect(Array.from(first.grad!.data())).toEqual([1, 1, 1, 1]);
  },
);

test('a parameter or a state that was freed is named before anything has moved', () => {
  const [first, second] = begin();
  const optimizer = new optim.Adam([first, second], { lr: 0.1 });
  optimizer.step();
  const before = Array.from(first.data());
  (optimizer.stateDict().state['1']!.exp_avg_sq as Tensor).dispose();
  expect(() => optimizer.step()).toThrow(DisposedTensorError);
  expect(() => optimizer.step()).toThrow('Adam.step: exp_avg_sq of parameter 1 of group 0 was freed');
  second.dispose();
  expect(() => optimizer.step()).toThrow('Adam.step: parameter 1 of group 0 was freed');
  expect(Array.from(first.data())).toEqual(before);
  expect(optimizer.stateDict().state['0']!.step).toBe(1);
  optimizer.dispose();
});

test('a gradient set by hand in a scope that ended says so', () => {
  const [param] = begin();
  scope(() => {
    param.grad = ones([4]);
  });
  expect(() => new optim.SGD([param], { lr: 1 }).step()).toThrow(
    'hint: call zeroGrad() instead of dispose(); call keep() on a gradient that is set by hand',
  );
});

test.each([
  ['lr', NaN, 'a finite number ≥ 0, not NaN'],
  ['lr', undefined, 'a finite number ≥ 0, not left out'],
  ['lr', -0.1, 'a finite number ≥ 0, not -0.1'],
  ['lr', Infinity, 'a finite number ≥ 0, not Infinity'],
  ['lr', '0.1', "a finite number ≥ 0, not '0.1'"],
  ['weightDecay', NaN, 'a finite number ≥ 0, not NaN'],
  ['betas', [0.9, 1], 'two numbers in [0, 1), not [0.9, 1]'],
  ['betas', 0.9, 'two numbers in [0, 1), not 0.9'],
  ['amsgrad', 1, 'true or false, not 1'],
])('%s set to %s by hand is refused before anything has moved', (option, value, message) => {
  const [first, second] = begin();
  const optimizer = new optim.Adam([{ params: [first] }, { params: [second] }]);
  Object.assign(optimizer.paramGroups[1]!, { [option]: value });
  expect(() => optimizer.step()).toThrow(ArgumentError);
  expect(() => optimizer.step()).toThrow(`Adam.step: ${option} of group 1 must be ${message}`);
  expect(Array.from(first.data())).toEqual([1, 1, 1, 1]);
  expect(optimizer.stateDict().state).toEqual({});
});

test('clipping refuses what is not a parameter or a number', () => {
  const [param] = begin();
  expect(() => optim.clipGradNorm([param, 3 as never], 0.1)).toThrow(
    'clipGradNorm: parameter 1 must be a tensor, not 3',
  );
  expect(() => optim.clipGradNorm([param], '1' as never)).toThrow("clipGradNorm: maxNorm must be a number, not '1'");
  expect(() => optim.clipGradNorm([param], 0.1, { normType: '2' as never })).toThrow(
    "normType must be a number, not '2'",
  );
  expect(() => optim.clipGradValue([param], null as never)).toThrow(
    'clipGradValue: clipValue must be a number, not null',
  );
  expect(Array.from(param.grad!.data())).toEqual([1, 1, 1, 1]);
});
