/** Calls of kernels that the compiler refuses: `npm run typecheck` fails where one of these lines compiles. */
import { expect, expectTypeOf, test } from 'vitest';
import { zeros } from '../../src/index.js';
import { type Address, offset } from '../../src/runtime/address.js';
import type { Kernels } from '../../src/runtime/kernels.generated.js';
import { type RecordAddress, withRecord } from '../../src/runtime/records.js';
import { addressOf } from '../../src/tensor/tensor.js';

/** Compiled and never called. */
export function refused(
  kernels: Kernels,
  y: Address,
  x: Address,
  shape: RecordAddress<'ConvShape'>,
  pool: RecordAddress<'PoolShape'>,
): void {
  kernels.f32_neg(y, x, 0, 4);
  kernels.f32_neg(offset(y, 16), x, 0, 4);
  // @ts-expect-error an address and a count, swapped
  kernels.f32_neg(y, 0, x, 4);
  // @ts-expect-error a sum is a number
  kernels.f32_neg(y + 16, x, 0, 4);

  kernels.f32_conv2d_direct_forward(y, x, x, 0, shape, x, false, 0, 1);
  // @ts-expect-error the scratch and the shape, swapped
  kernels.f32_conv2d_direct_forward(y, x, x, 0, x, shape, false, 0, 1);
  // @ts-expect-error the shape of a pool
  kernels.f32_conv2d_direct_forward(y, x, x, 0, pool, x, false, 0, 1);
  // @ts-expect-error the flag and the first image, swapped
  kernels.f32_conv2d_direct_forward(y, x, x, 0, shape, x, 0, false, 1);

  kernels.f32_matvec(y, x, x, 0, 3, 5, false, false, false, 0, 3);
  // @ts-expect-error the bias and the number of rows, swapped
  kernels.f32_matvec(y, x, x, 3, y, 5, false, false, false, 0, 3);

  // @ts-expect-error a field is missing
  withRecord('GemmShape', { m: 1, n: 2, k: 3, transposeA: 0 }, () => {});
}

test('addresses are numbers, and numbers are not addresses', () => {
  expectTypeOf<Address>().toExtend<number>();
  expectTypeOf<number>().not.toExtend<Address>();
  expectTypeOf<RecordAddress<'PoolShape'>>().not.toExtend<RecordAddress<'ConvShape'>>();
  expectTypeOf(addressOf(zeros([2]))).toEqualTypeOf<Address>();
  expect(offset(addressOf(zeros([2])), 8) % 4).toBe(0);
});
