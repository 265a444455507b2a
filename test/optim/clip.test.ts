import { beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError, init, NonFiniteError, optim, type Tensor, tensor, zeros } from '../../src/index.js';
import { setGuards } from '../../src/runtime/guards.js';
import { uniform } from '../support/random.js';
import { eachTestInScope } from '../support/scope.js';

beforeAll(async () => {
  await init();
  setGuards(true);
});
eachTestInScope();

function withGradients(...gradients: (readonly number[] | null)[]): Tensor[] {
  return gradients.map((values) => {
    const param = zeros([values?.length ?? 3]);
    if (values !== null) param.grad = tensor([...values]);
    return param;
  });
}

const gradientsOf = (params: readonly Tensor[]) =>
  params.map(({ grad }) => (grad === null ? null : Array.from(grad.data())));

describe('clipGradNorm', () => {
  test.each([1, 2, 3, 2.5, Infinity])('scales to the norm of type %d', (p) => {
    const random = uniform(3);
    const values = [5, 1, 0, 11].map((n) => Array.from({ length: n }, () => Math.fround(4 * random() - 2)));
    const params = withGradients(values[0]!, null, values[1]!, values[2]!, values[3]!);
    const all = values.flat().map(Math.abs);
    const norm = p === Infinity ? Math.max(...all) : all.reduce((sum, value) => sum + value ** p, 0) ** (1 / p);
    const got = optim.clipGradNorm(params, norm / 3, { normType: p });
    expect(Math.abs(got / norm - 1)).toBeLessThan(1e-14);
    const after = gradientsOf(params);
    expect(after[1]).toBe(null);
    after
      .filter((gradient) => gradient !== null)
      .flat()
      .forEach((value, i) => {
        expect(Math.abs(value - (values.flat()[i]! * (norm / 3)) / (norm + 1e-6))).toBeLessThan(1e-7);
      });
  });

  test('leaves small gradients as they are', () => {
    const params = withGradients([0.1, 0.2, -0.3]);
    const before = gradientsOf(params);
    expect(optim.clipGradNorm(params[0]!, 1)).toBeCloseTo(Math.sqrt(0.14), 7);
    expect(gradientsOf(params)).toEqual(before);
    expect(optim.clipGradNorm([], 1)).toBe(0);
  });

  test('does not overflow', () => {
    const params = withGradients([3e38, 3e38]);
    expect(optim.clipGradNorm(params, 1) / (3e38 * Math.SQRT2)).toBeCloseTo(1, 6);
    expect(gradientsOf(params)[0]![0]).toBeCloseTo(Math.SQRT1_2, 6);
  });

  test('of NaN or infinity throws before anything is scaled, where that is wanted', () => {
    for (const bad of [NaN, Infinity]) {
      for (const normType of [1, 2, Infinity]) {
        const params = withGradients([1, 2], [bad, 1]);
        expect(() => optim.clipGradNorm(params, 1, { normType, errorIfNonFinite: true })).toThrow(NonFiniteError);
        expect(gradientsOf(params)).toEqual([
          [1, 2],
          [bad, 1],
        ]);
        expect(optim.clipGradNorm(params, 1, { normType })).toBe(bad);
      }
    }
  });

  test('wrong arguments are refused', () => {
    expect(() => optim.clipGradNorm([], -1)).toThrow(ArgumentError);
    expect(() => optim.clipGradNorm([], NaN)).toThrow('clipGradNorm: maxNorm must be');
    expect(() => optim.clipGradNorm([], 1, { normType: 0 })).toThrow('clipGradNorm: normType must be');
    expect(() => optim.clipGradValue([], -1)).toThrow('clipGradValue: clipValue must be');
  });
});

test('clipGradValue limits each element', () => {
  const params = withGradients([-2, -0.5, 0.25, 3, NaN], null, [7]);
  optim.clipGradValue(params, 0.5);
  expect(gradientsOf(params)).toEqual([[-0.5, -0.5, 0.25, 0.5, NaN], null, [0.5]]);
});
