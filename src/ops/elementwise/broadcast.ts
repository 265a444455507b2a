/** Shapes that repeat: what binary operations, `broadcastTo` and its inverse `sumTo` share. */
import { recordOp } from '../../autograd/tape.js';

import type { Address } from '../../runtime/address.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { viewI32 } from '../../runtime/memory.js';
import { kernels } from '../../runtime/runtime.js';
import { withScratch } from '../../runtime/scratch.js';
import { empty, zeros } from '../../tensor/create.js';
import { broadcastStrides, formatShape, mergeAxes, type Shape, sameShape, stridesOf } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { copyElements } from '../movement/copy.js';

/**
 * Runs `use` with how `inputs` broadcast to `shape`, as the table in scratch memory that kernels take (see
 * `assembly/elementwise/geometry.ts`): [8,3,28,28] beside [3,1,1] is walked as [8][3][784].
 * @internal
 */
export function withGeometry(
  shape: Shape,
  inputs: readonly Shape[],
  use: (geometry: Address, rank: number) => void,
): void {
  const rows = mergeAxes(
    shape,
    inputs.map((input) => broadcastStrides(input, shape)),
  );
  const table = rows.flat();
  withScratch(4 * table.length, (geometry) => {
    viewI32(geometry, table.length).set(table);
    use(geometry, rows.length);
  });
}

/** @throws {ShapeError} when `x`, which is `what` to the operation, does not broadcast to `shape` itself @internal */
export function checkBroadcast(x: Tensor, shape: Shape, where: string, what = 'a tensor', whose = ''): void {
  const lead = shape.length - x.rank;
  const wrong = lead < 0 ? 0 : x.shape.findIndex((size, axis) => size !== 1 && size !== shape[axis + lead]);
  if (wrong >= 0) {
    const which = lead < 0 ? 'it has more axes' : `axis ${wrong} has ${x.shape[wrong]}, wanted ${shape[wrong + lead]}`;
    const shapes = `${what} of shape ${formatShape(x.shape)} does not broadcast to ${whose}${formatShape(shape)}`;
    throw new ShapeError(`${shapes}: ${which}`, {
      where,
      hint: 'sizes, aligned at the last axis, must be equal or 1',
    });
  }
}

/**
 * `x` repeated along new leading axes and axes of size 1.
 *
 * Shapes:   [1,3] and shape [2,4,3] → [2,4,3]
 * Backward: sums over the repeats
 * @throws {ShapeError} when a size of `x` is neither 1 nor that of `shape`
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  checkArguments('broadcastTo(x, shape=[2, 3])', x, shape);
  checkBroadcast(x, shape, 'broadcastTo');
  const y = empty([...shape], x.dtype);
  copyElements(
    { tensor: y, strides: stridesOf(shape) },
    { tensor: x, strides: broadcastStrides(x.shape, shape) },
    shape,
  );
  return recordOp('broadcastTo', y, [x], {}, (dy) => [sumTo(dy, x.shape)]);
}

/**
 * The gradient of an input that was broadcast: `dy` summed over the axes along which `shape` repeats.
 * Totals are kept in doubles, in a fixed order. `dy` itself when the shapes are equal, an alias when only 1s differ;
 * not recorded on the tape.
 * @internal
 */
export function sumTo(dy: Tensor, shape: Shape): Tensor {
  if (sameShape(dy.shape, shape)) return dy;
  if (dy.size === 0) return zeros(shape);
  const rows = mergeAxes(dy.shape, [stridesOf(dy.shape), broadcastStrides(shape, dy.shape)]);
  const repeated = rows.map(([size, , stride]) => size !== 1 && stride === 0);
  if (!repeated.includes(true)) return dy.alias(shape);
  const dx = empty([...shape]);
  const sizes = rows.map(([size]) => size!);
  switch (repeated.map((repeats) => (repeats ? 'r' : 'k')).join('')) {
    case 'r':
      kernels.f32_sum_channels(addressOf(dx), addressOf(dy), 1, 1, sizes[0]!, 0, 1);
      break;
    case 'kr':
      kernels.f32_sum_channels(addressOf(dx), addressOf(dy), 1, sizes[0]!, sizes[1]!, 0, sizes[0]!);
      break;
    case 'rkr':
      kernels.f32_sum_channels(addressOf(dx), addressOf(dy), sizes[0]!, sizes[1]!, sizes[2]!, 0, sizes[1]!);
      break;
    case 'rk':
      kernels.f32_sum_columns(addressOf(dx), addressOf(dy), sizes[0]!, sizes[1]!, 0, sizes[1]!);
      break;
    default: {
      const moved = repeatsFirst(dy, rows, repeated);
      kernels.f32_sum_columns(addressOf(dx), addressOf(moved), dy.size / dx.size, dx.size, 0, dx.size);
      moved.dispose();
    }
  }
  return dx;
}

/** A copy of `dy` with the repeated axes in front of all others. */
function repeatsFirst(dy: Tensor, rows: readonly number[][], repeated: readonly boolean[]): Tensor {
  const order = [...rows.filter((_, axis) => repeated[axis]), ...rows.filter((_, axis) => !repeated[axis])];
  const sizes = order.map(([size]) => size!);
  const moved = empty(sizes);
  copyElements(
    { tensor: moved, strides: stridesOf(sizes) },
    { tensor: dy, strides: order.map(([, stride]) => stride!) },
    sizes,
  );
  return moved;
}
