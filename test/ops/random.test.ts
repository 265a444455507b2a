import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  bernoulli,
  fillNormal,
  fillUniform,
  generatorState,
  init,
  manualSeed,
  rand,
  randint,
  randn,
  randperm,
  setGeneratorState,
  type Tensor,
  zeros,
} from '../../src/index.js';
import { randomMask, randomPermutation } from '../../src/ops/random/random.js';
import type { Address } from '../../src/runtime/address.js';
import { drawAt, nextDraw } from '../../src/runtime/generator.js';
import { setGuards } from '../../src/runtime/guards.js';
import { viewF32, viewI32, viewU8 } from '../../src/runtime/memory.js';
import { kernels } from '../../src/runtime/runtime.js';
import { withScratch } from '../../src/runtime/scratch.js';
import { philoxTwin } from '../support/philox.js';
import { eachTestInScope } from '../support/scope.js';

const SEED = 20_240_607;
const STREAM = 2;
const DRAW = 5;

beforeAll(async () => {
  await init();
  setGuards(true);
});
beforeEach(() => {
  manualSeed(SEED);
});
eachTestInScope();

/** The word of an element of a fill. */
function wordOf(element: number, attempt = 0): number {
  return philoxTwin(
    [4 * Math.floor(element / 16) + (element % 4), attempt, DRAW, 0],
    [SEED, STREAM],
    Math.floor(element / 4) % 4,
  );
}

/** The words 0 … n − 1 of a draw, as the kernels see them. */
function bits(n: number): number[] {
  return withScratch(4 * n, (out) => {
    kernels.i32_random_bits(out, SEED, STREAM, DRAW, 0, n);
    return Array.from(viewI32(out, n), (word) => word >>> 0);
  });
}

function meanAndVariance(values: ArrayLike<number>): [number, number] {
  const mean = Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, Array.from(values).reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
}

/** Kolmogorov and Smirnov's distance, times √n: above 1.95 with probability 0.001. */
function distance(values: ArrayLike<number>, distribution: (x: number) => number): number {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  let largest = 0;
  sorted.forEach((value, i) => {
    const p = distribution(value);
    largest = Math.max(largest, (i + 1) / n - p, p - i / n);
  });
  return largest * Math.sqrt(n);
}

/** Φ(x), by the power series of erf (Abramowitz and Stegun 7.1.6), good to 1e-12 for |x| < 6. */
function normalDistribution(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

describe('philox4x32-10', () => {
  // The known answers that Random123 ships (kat_vectors).
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('known answer for counter %j', ([c0, c1, c2, c3], [k0, k1], words) => {
    for (let word = 0; word < 4; word++) {
      expect(kernels.u32_philox(c0!, c1!, c2!, c3!, k0!, k1!, word) >>> 0).toBe(words[word]);
      expect(philoxTwin([c0!, c1!, c2!, c3!], [k0!, k1!], word), 'the twin too').toBe(words[word]);
    }
  });

  test('a fill takes the words of its counters', () => {
    expect(bits(100)).toEqual(Array.from({ length: 100 }, (_, element) => wordOf(element)));
  });
});

describe('fills', () => {
  const fills: Record<string, (out: Address, begin: number, end: number) => void> = {
    uniform: (out, begin, end) => kernels.f32_random_uniform(out, SEED, STREAM, DRAW, -1, 2, 1, begin, end),
    normal: (out, begin, end) => kernels.f32_random_normal(out, SEED, STREAM, DRAW, 0, 1, begin, end),
    'float mask': (out, begin, end) => kernels.f32_random_mask(out, SEED, STREAM, DRAW, 0.5, begin, end),
    'byte mask': (out, begin, end) => kernels.u8_random_mask(out, SEED, STREAM, DRAW, 0.5, begin, end),
    integers: (out, begin, end) => kernels.i32_random_integers(out, SEED, STREAM, DRAW, -5, 3_000_000_000, begin, end),
    bits: (out, begin, end) => kernels.i32_random_bits(out, SEED, STREAM, DRAW, begin, end),
  };
  for (const [name, fill] of Object.entries(fills)) {
    test(`${name}: the same numbers however the range is split, and none outside`, () => {
      const size = 75;
      const bytes = name === 'byte mask' ? 1 : 4;
      withScratch(bytes * size, (whole) =>
        withScratch(bytes * size, (parts) => {
          fill(whole, 0, size);
          for (const cuts of [
            [0, 1, 2, 3, 17, 20, 33, 64, 75],
            [0, 37, 37, 75],
            [0, 48, 75],
          ]) {
            viewU8(parts, bytes * size).fill(0);
            // From the last share to the first: an overrun would spoil the share after it.
            for (let i = cuts.length - 1; i > 0; i--) fill(parts, cuts[i - 1]!, cuts[i]!);
            expect(Array.from(viewU8(parts, bytes * size))).toEqual(Array.from(viewU8(whole, bytes * size)));
          }
        }),
      );
    });
  }

  test('nothing is written for an empty range', () => {
    for (const fill of Object.values(fills)) withScratch(0, (out) => fill(out, 0, 0));
  });

  test('uniform numbers are the upper 24 bits of the words', () => {
    const n = 50;
    const got = withScratch(4 * n, (out) => {
      kernels.f32_random_uniform(out, SEED, STREAM, DRAW, 0, 1, 1, 0, n);
      return Array.from(viewF32(out, n));
    });
    expect(got).toEqual(bits(n).map((word) => (word >>> 8) / 2 ** 24));
  });

  test("normal numbers are Box and Muller's transform, within 1e-6 in double precision", () => {
    const n = 200_000;
    const got = withScratch(4 * n, (out) => {
      kernels.f32_random_normal(out, SEED, STREAM, DRAW, 0, 1, 0, n);
      return viewF32(out, n).slice();
    });
    const words = bits(n);
    let largest = 0;
    for (let i = 0; i < n; i++) {
      const first = i % 8 < 4 ? i : i - 4;
      const r = Math.sqrt(-2 * Math.log(((words[first]! >>> 8) + 1) / 2 ** 24));
      const angle = 2 * Math.PI * ((words[first + 4]! >>> 8) / 2 ** 24);
      largest = Math.max(largest, Math.abs(got[i]! - r * (first === i ? Math.cos(angle) : Math.sin(angle))));
    }
    expect(largest).toBeLessThan(1e-6);
    expect(largest).toBeGreaterThan(0);
  });

  test('integers are drawn again where that is needed for equal chances', () => {
    // With 3·2³⁰ possible values, a quarter of all words must be drawn again.
    const range = 3 * 2 ** 30;
    const n = 64;
    const got = withScratch(4 * n, (out) => {
      kernels.i32_random_integers(out, SEED, STREAM, DRAW, 0, range, 0, n);
      return Array.from(viewI32(out, n), (value) => value >>> 0);
    });
    const rest = BigInt(2 ** 32 % range);
    let again = 0;
    const want = Array.from({ length: n }, (_, element) => {
      for (let attempt = 0; ; attempt++) {
        const product = BigInt(wordOf(element, attempt)) * BigInt(range);
        if ((product & 0xffff_ffffn) >= rest) return Number(product >> 32n);
        again++;
      }
    });
    expect(got).toEqual(want);
    expect(again).toBeGreaterThan(5);
  });
});

describe('distributions', () => {
  const n = 100_000;

  test('rand', () => {
    const values = rand([n]).data();
    const [mean, variance] = meanAndVariance(values);
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / n));
    expect(distance(values, (x) => x)).toBeLessThan(1.95);
  });

  test('randn', () => {
    const values = randn([n]).data();
    const [mean, variance] = meanAndVariance(values);
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(distance(values, normalDistribution)).toBeLessThan(1.95);
  });

  test('randint reaches every value about equally often', () => {
    const counts = new Array<number>(7).fill(0);
    for (const value of randint(-3, 4, [n]).data()) counts[value + 3]!++;
    // χ² with 6 degrees of freedom: above 22.5 with probability 0.001.
    expect(counts.reduce((sum, count) => sum + (count - n / 7) ** 2 / (n / 7), 0)).toBeLessThan(22.5);
  });

  test('every permutation of 4 about equally often', () => {
    const counts = new Map<string, number>();
    const draws = 12_000;
    for (let i = 0; i < draws; i++) {
      const order = randomPermutation(4, drawAt('shuffle', i)).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // χ² with 23 degrees of freedom: above 49.7 with probability 0.001.
    expect([...counts.values()].reduce((sum, count) => sum + (count - draws / 24) ** 2 / (draws / 24), 0)).toBeLessThan(
      49.7,
    );
  });

  test.each(['float32', 'uint8'] as const)('bernoulli in %s', (dtype) => {
    const mask = bernoulli([n], 0.3, { dtype });
    expect(mask.dtype).toBe(dtype);
    const ones = mask.data().filter((value) => value === 1).length;
    expect(mask.data().filter((value) => value === 0).length).toBe(n - ones);
    expect(Math.abs(ones / n - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / n));
    expect(
      bernoulli([100], 0, { dtype })
        .data()
        .every((value) => value === 0),
    ).toBe(true);
    expect(
      bernoulli([100], 1, { dtype })
        .data()
        .every((value) => value === 1),
    ).toBe(true);
  });
});

describe('random tensors', () => {
  const list = (tensor: Tensor) => Array.from(tensor.data());

  test('the same seed gives the same numbers, another seed or draw others', () => {
    const first = list(randn([20]));
    const second = list(randn([20]));
    manualSeed(SEED);
    expect(list(randn([20]))).toEqual(first);
    expect(second).not.toEqual(first);
    manualSeed(SEED + 1);
    expect(list(randn([20]))).not.toEqual(first);
  });

  test('streams do not disturb each other', () => {
    rand([5]);
    const want = list(rand([5]));
    manualSeed(SEED);
    rand([5]);
    fillNormal(zeros([9]), 0, 1, 'init');
    randomMask([9], 0.5, 'uint8', 'dropout', 'test');
    expect(list(rand([5]))).toEqual(want);
  });

  test('streams give different numbers', () => {
    expect(list(fillUniform(zeros([8]), 0, 1, 'init'))).not.toEqual(list(fillUniform(zeros([8]), 0, 1, 'sample')));
  });

  test('a saved state continues where it was', () => {
    rand([3]);
    const state = JSON.parse(JSON.stringify(generatorState()));
    const want = list(rand([3]));
    setGeneratorState(state);
    expect(list(rand([3]))).toEqual(want);
  });

  test('fillUniform stays below the upper bound where rounding would reach it', () => {
    // Between 2²⁴ and 2²⁴ + 2 no other float32 number lies: half of all low + width·u round to the upper bound.
    expect(new Set(list(fillUniform(zeros([1000]), 2 ** 24, 2 ** 24 + 2)))).toEqual(new Set([2 ** 24]));
    expect(list(fillUniform(zeros([1000]), -1, 0)).every((value) => value >= -1 && value < 0)).toBe(true);
    expect(list(fillUniform(zeros([1000]), -3, -2)).every((value) => value >= -3 && value < -2)).toBe(true);
    expect(list(fillUniform(zeros([3]), 2, 2))).toEqual([2, 2, 2]);
  });

  test('fillNormal scales and shifts', () => {
    const z = list(fillNormal(zeros([33])));
    manualSeed(SEED);
    expect(list(fillNormal(zeros([33]), 3, 0.5))).toEqual(z.map((value) => Math.fround(Math.fround(value * 0.5) + 3)));
  });

  test('randperm holds every number once', () => {
    for (const n of [0, 1, 2, 17, 1000]) {
      const order = list(randperm(n));
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      if (n === 1000) expect(order.filter((value, i) => value === i).length).toBeLessThan(10);
    }
  });

  test('randomPermutation is the order of its draw', () => {
    const draw = drawAt('shuffle', 3);
    expect(randomPermutation(100, draw)).toEqual(randomPermutation(100, draw));
    expect(randomPermutation(100, draw)).not.toEqual(randomPermutation(100, nextDraw('shuffle')));
  });

  test('the extremes of int32', () => {
    const values = list(randint(-(2 ** 31), 2 ** 31 - 1, [1000]));
    expect(Math.min(...values)).toBeLessThan(-2e9);
    expect(Math.max(...values)).toBeGreaterThan(2e9);
    expect(list(randint(7, 8, [3]))).toEqual([7, 7, 7]);
  });

  test('options and shapes', () => {
    expect(rand([2, 3], { requiresGrad: true }).requiresGrad).toBe(true);
    expect(randn([2, 0]).size).toBe(0);
    expect(randint(0, 3, []).shape).toEqual([]);
    expect(randint(0, 3, [2]).dtype).toBe('int32');
  });

  test('wrong arguments are refused', () => {
    expect(() => rand([2, -1])).toThrow(/rand: sizes must be whole numbers/);
    expect(() => randint(3, 3, [1])).toThrow(/randint: .*low < high, not 3 and 3/);
    expect(() => randint(0.5, 3, [1])).toThrow(/randint/);
    expect(() => bernoulli([1], 1.5)).toThrow(/bernoulli: a probability lies in \[0, 1\], not 1.5/);
    expect(() => fillUniform(zeros([1]), 1, 0)).toThrow(/fillUniform: .*not \[1, 0\)/);
    expect(() => fillUniform(zeros([1]), -3e38, 3e38)).toThrow(/fillUniform/);
    expect(() => fillNormal(zeros([1]), 0, -1)).toThrow(/fillNormal/);
    expect(() => fillNormal(zeros([1], { dtype: 'int32' }))).toThrow(/fillNormal: only float32/);
  });
});
