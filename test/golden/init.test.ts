import { beforeAll, describe, expect, test } from 'vitest';
import { init, manualSeed, nn, scope, type Tensor, zeros } from '../../src/index.js';
import { golden } from './support.js';

/** What PyTorch drew the elements from. */
type Drawn = { uniform: [low: number, high: number] } | { normal: [mean: number, std: number] } | { constant: number };

interface CallCase {
  name: string;
  init: string;
  shape: number[];
  options: Record<string, never>;
  drawn: Drawn;
}
interface LayerCase {
  name: string;
  layer: string;
  arguments: unknown[];
  options: object;
  parameters: Record<string, { shape: number[]; drawn: Drawn }>;
}
interface GainCase {
  name: string;
  nonlinearity: nn.init.Nonlinearity;
  parameter?: number;
  gain: number;
}

const { cases } = golden<CallCase | LayerCase | GainCase>('init');
const SEED = 11;

const calls: Record<string, (target: Tensor, options: Record<string, never>) => Tensor> = {
  uniform: (target, { low, high }) => nn.init.uniform(target, low, high),
  normal: (target, { mean, std }) => nn.init.normal(target, mean, std),
  constant: (target, { value }) => nn.init.constant(target, value!),
  zeros: (target) => nn.init.zeros(target),
  ones: (target) => nn.init.ones(target),
  xavierUniform: (target, { gain }) => nn.init.xavierUniform(target, gain),
  xavierNormal: (target, { gain }) => nn.init.xavierNormal(target, gain),
  kaimingUniform: (target, options) => nn.init.kaimingUniform(target, options),
  kaimingNormal: (target, options) => nn.init.kaimingNormal(target, options),
};

/** The next random numbers of the `init` stream, drawn from this distribution. */
function draw(shape: readonly number[], drawn: Drawn): Float64Array {
  const target = zeros(shape);
  if ('constant' in drawn) return Float64Array.from(target.view(), () => drawn.constant);
  if ('normal' in drawn)
    return Float64Array.from(nn.init.normal(target).view(), (z) => drawn.normal[0] + z * drawn.normal[1]);
  const [low, high] = drawn.uniform;
  return Float64Array.from(nn.init.uniform(target).view(), (u) => low + u * (high - low));
}

/** The same numbers up to rounding: the standard draw, stretched to PyTorch's bounds, has been drawn. */
function expectDrawn(got: Tensor, drawn: Drawn, what: string): void {
  const want = draw(got.shape, drawn);
  const largest = Math.max(...want.map(Math.abs));
  got.view().forEach((value, i) => {
    const error = Math.abs(value - want[i]!);
    if (!(error <= 1e-6 * largest))
      expect.fail(
        `${what}: element ${i} is ${value}, with PyTorch's ` +
          `distribution ${JSON.stringify(drawn)} it would be ${want[i]}`,
      );
  });
}

beforeAll(async () => {
  await init();
});

describe("initialisation as PyTorch's", () => {
  test('the standard draws are uniform in [0, 1) and normal of deviation 1', () =>
    scope(() => {
      manualSeed(SEED);
      const moments = (values: ArrayLike<number>) =>
        [1, 2, 3, 4].map((power) => Array.from(values).reduce((sum, value) => sum + value ** power, 0) / values.length);
      const uniform = nn.init.uniform(zeros([40_000]));
      // Within five standard deviations of the mean of 40,000 such powers.
      moments(uniform.view()).forEach((moment, i) =>
        expect(Math.abs(moment - 1 / (i + 2))).toBeLessThan((5 * 0.3) / 200),
      );
      expect(Math.min(...uniform.view())).toBeGreaterThanOrEqual(0);
      expect(Math.max(...uniform.view())).toBeLessThan(1);
      const normal = moments(nn.init.normal(zeros([40_000])).view());
      const deviations = [1, Math.SQRT2, Math.sqrt(15), Math.sqrt(96)];
      [0, 1, 0, 3].forEach((moment, i) =>
        expect(Math.abs(normal[i]! - moment)).toBeLessThan((5 * deviations[i]!) / 200),
      );
    }));

  for (const row of cases) {
    test(row.name, () =>
      scope(() => {
        manualSeed(SEED);
        if ('gain' in row) {
          expect(nn.init.calculateGain(row.nonlinearity, row.parameter)).toBeCloseTo(row.gain, 12);
        } else if ('init' in row) {
          const got = calls[row.init]!(zeros(row.shape), row.options);
          manualSeed(SEED);
          expectDrawn(got, row.drawn, row.name);
        } else {
          const layers = nn as unknown as Record<string, new (...given: unknown[]) => nn.Module>;
          const layer = new layers[row.layer]!(...row.arguments, row.options);
          manualSeed(SEED);
          expect(layer.namedParameters().map(([key, { shape }]) => [key, shape])).toEqual(
            Object.entries(row.parameters).map(([key, { shape }]) => [key, shape]),
          );
          for (const [key, parameter] of layer.namedParameters())
            expectDrawn(parameter, row.parameters[key]!.drawn, key);
          layer.dispose();
        }
      }),
    );
  }
});
