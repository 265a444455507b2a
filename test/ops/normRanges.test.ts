/** Kernels of normalisation compute a range in any number of shares to the same bits. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { init, manualSeed } from '../../src/index.js';
import { type Address, offset } from '../../src/runtime/address.js';
import { setGuards } from '../../src/runtime/guards.js';
import { viewF32 } from '../../src/runtime/memory.js';
import { withRecord } from '../../src/runtime/records.js';
import { kernels } from '../../src/runtime/runtime.js';
import { withScratch } from '../../src/runtime/scratch.js';
import { uniform } from '../support/random.js';
import { eachTestInScope } from '../support/scope.js';

beforeAll(async () => {
  await init();
  setGuards(true);
});
beforeEach(() => {
  manualSeed(3);
});
eachTestInScope();

const numbers = (n: number, seed = 1, low = -2, high = 2) => {
  const random = uniform(seed);
  return Float32Array.from({ length: n }, () => low + random() * (high - low));
};

describe('kernels give the same bits however the range is split', () => {
  /** Runs over arrays laid out one after the other, in shares from the last to the first, and returns them all. */
  function run(
    sizes: readonly number[],
    cuts: readonly number[],
    share: (addresses: readonly Address[], begin: number, end: number) => void,
  ): number[] {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    return withScratch(4 * total, (at) => {
      viewF32(at, total).set(numbers(total, 6, 0.5, 2));
      let next = at;
      const addresses = sizes.map((size) => {
        const address = next;
        next = offset(next, 4 * size);
        return address;
      });
      for (let i = cuts.length - 1; i > 0; i--) share(addresses, cuts[i - 1]!, cuts[i]!);
      return Array.from(viewF32(at, total));
    });
  }

  test.each([
    [9, 37, 1, false],
    [3, 37, 5, false],
    [9, 37, 1, true],
    [3, 37, 5, true],
  ])('batch norm of [%d, %d, %d], ReLU %s', (n, channels, spatial, relu) => {
    const size = n * channels * spatial;
    const sizes = [
      size,
      24 * channels,
      channels,
      channels,
      size,
      channels,
      channels,
      size,
      channels,
      channels,
      size,
      size,
    ];
    const both = (cuts: readonly number[]) =>
      run(sizes, cuts, ([y, statistics, mean, variance, x, weight, bias, dx, dWeight, dBias, dy, z], begin, end) => {
        withRecord('BatchNormShape', { images: n, channels, spatial, relu: Number(relu) }, (shape) => {
          kernels.f32_batch_norm_forward(
            y!,
            statistics!,
            mean!,
            variance!,
            x!,
            weight!,
            bias!,
            shape,
            1e-5,
            0.1,
            begin,
            end,
          );
          kernels.f32_batch_norm_backward(
            dx!,
            dWeight!,
            dBias!,
            dy!,
            x!,
            weight!,
            relu ? y! : 0,
            statistics!,
            shape,
            begin,
            end,
          );
          kernels.f32_batch_norm_map(z!, x!, weight!, bias!, statistics!, shape, begin, end);
        });
      });
    const whole = both([0, channels]);
    for (const cuts of [
      [0, 1, 4, 9, 9, 30, 37],
      [0, 16, 37],
      [0, 35, 37],
    ])
      expect(both(cuts)).toEqual(whole);
  });

  test('layer norm', () => {
    const [rows, size] = [11, 13];
    const sizes = [rows * size, 3 * rows, rows * size, size, size, rows * size, rows * size];
    const rowsIn = (cuts: readonly number[]) =>
      run(sizes, cuts, ([y, statistics, x, weight, bias, dx, dy], begin, end) => {
        kernels.f32_layer_norm_forward(y!, statistics!, x!, weight!, bias!, rows, size, 1e-5, begin, end);
        kernels.f32_layer_norm_backward(dx!, dy!, x!, statistics!, weight!, rows, size, begin, end);
      });
    expect(rowsIn([0, 1, 5, 11])).toEqual(rowsIn([0, 11]));
    const columnsIn = (cuts: readonly number[]) =>
      run([size, size, rows * size, rows * size, 3 * rows], cuts, ([dWeight, dBias, dy, x, statistics], begin, end) => {
        kernels.f32_layer_norm_backward_affine(dWeight!, dBias!, dy!, x!, statistics!, rows, size, begin, end);
      });
    expect(columnsIn([0, 1, 6, 13])).toEqual(columnsIn([0, 13]));
  });

  test('group norm', () => {
    const [n, channels, spatial, groups] = [3, 6, 7, 2];
    const size = n * channels * spatial;
    const rowsIn = (cuts: readonly number[]) =>
      run(
        [size, 3 * n * groups, size, channels, channels, size, 2 * n * channels, size],
        cuts,
        ([y, statistics, x, weight, bias, dx, sums, dy], begin, end) => {
          kernels.f32_group_norm_forward(
            y!,
            statistics!,
            x!,
            weight!,
            bias!,
            n,
            channels,
            spatial,
            groups,
            1e-5,
            begin,
            end,
          );
          kernels.f32_group_norm_backward(
            dx!,
            sums!,
            dy!,
            x!,
            statistics!,
            weight!,
            n,
            channels,
            spatial,
            groups,
            begin,
            end,
          );
        },
      );
    expect(rowsIn([0, 1, 4, 6])).toEqual(rowsIn([0, 6]));
  });

  test('dropout', () => {
    const n = 23;
    const mask = Uint8Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? 1 : 0));
    const bytes = Array.from(new Float32Array(mask.buffer));
    const shares = (cuts: readonly number[]) =>
      run([n, n, 6], cuts, ([y, x, m], begin, end) => {
        viewF32(m!, 6).set(bytes);
        kernels.f32_dropout(y!, x!, m!, 2, begin, end);
      });
    const whole = shares([0, n]);
    expect(shares([0, 1, 3, 8, 15, 23])).toEqual(whole);
    for (let i = 0; i < n; i++) expect(whole[i]).toBe(i % 3 === 0 ? 2 * whole[n + i]! : 0);
  });
});
