/** Shapes that repeat: what binary operations, `broadcastTo` and its inverse `sumTo` share. */
import { record } from '../autograd/tape.js';
import { ShapeError } from '../runtime/errors.js';
import { kernels, viewI32, withScratch } from '../runtime/runtime.js';
import { empty, zeros } from '../tensor/create.js';
import { formatShape, sameShape, stridesOf, type Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/** One axis of an iteration: its size, then the stride of each input (0: it repeats). */
export type GeometryRow = number[];

/**
 * The axes of `shape` over inputs that broadcast to it, outermost first: axes of size 1 are left out and neighbours
 * that step alike in all inputs are merged, so [8,3,28,28] beside [3,1,1] is [8][3][784]. At least one row.
 * The table that kernels take (see `assembly/elementwise/geometry.ts`).
 * @internal
 */
export function geometryOf(shape: Shape, inputs: readonly Shape[]): GeometryRow[] {
  const strides = inputs.map(stridesOf);
  const rows: GeometryRow[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const row = [size, ...inputs.map((input, k) => {
      const own = axis - shape.length + input.length;
      return own < 0 || input[own] === 1 ? 0 : strides[k]![own]!;
    })];
    const outer = rows.at(-1);
    if (outer !== undefined && outer.every((stride, k) => k === 0 || stride === row[k]! * size)) {
      rows[rows.length - 1] = [outer[0]! * size, ...row.slice(1)];
    } else {
      rows.push(row);
    }
  });
  return rows.length > 0 ? rows : [[1, ...inputs.map(() => 0)]];
}

/** Runs `use` with the address of the rows in scratch memory. @internal */
export function withGeometry<R>(rows: readonly GeometryRow[], use: (address: number, rank: number) => R): R {
  const table = rows.flat();
  return withScratch(4 * table.length, (address) => {
    viewI32(address, table.length).set(table);
    return use(address, rows.length);
  });
}

/**
 * `x` repeated along new leading axes and axes of size 1.
 *
 * Shapes:   [1,3] and shape [2,4,3] → [2,4,3]
 * Backward: sums over the repeats
 * @throws {ShapeError} when a size of `x` is neither 1 nor that of `shape`
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  const lead = shape.length - x.rank;
  const wrong = lead < 0 ? 0 : x.shape.findIndex((size, axis) => size !== 1 && size !== shape[axis + lead]);
  if (wrong >= 0) {
    const which = lead < 0 ? 'it has more axes' : `axis ${wrong} has ${x.shape[wrong]}, wanted ${shape[wrong + lead]}`;
    throw new ShapeError(`a tensor of shape ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}: ${which}`, {
      where: 'broadcastTo', hint: 'sizes, aligned at the last axis, must be equal or 1',
    });
  }
  const y = empty([...shape], x.dtype);
  const expand = x.dtype === 'uint8' ? kernels.u8_expand : kernels.x32_expand;
  if (y.size > 0) withGeometry(geometryOf(shape, [x.shape]), (geometry, rank) => expand(y.ptr, x.ptr, geometry, rank, 0, y.size));
  return record('broadcastTo', y, [x], (dy) => [sumTo(dy, x.shape)]);
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
  const rows = geometryOf(dy.shape, [shape]);
  const sizes = rows.map(([size]) => size!);
  const pattern = rows.map(([, stride]) => (stride === 0 ? 'R' : 'K')).join('');
  if (!pattern.includes('R') || dy.size === 1) return dy.alias(shape);
  const dx = empty([...shape]);
  switch (pattern) {
    case 'R': case 'KR': case 'RKR': {
      const [images, channels, plane] = pattern === 'RKR' ? sizes : pattern === 'KR' ? [1, ...sizes] : [1, 1, ...sizes];
      kernels.f32_sum_channels(dx.ptr, dy.ptr, images!, channels!, plane!, 0, channels!);
      break;
    }
    case 'RK':
      kernels.f32_sum_columns(dx.ptr, dy.ptr, sizes[0]!, sizes[1]!, 0, sizes[1]!);
      break;
    default: {
      const steps = stridesOf(sizes);
      const table = (kind: string) => sizes.map((size, i) => [size, steps[i]!]).filter((_, i) => pattern[i] === kind);
      const kept = table('K');
      const reduced = table('R');
      withGeometry([...kept, ...reduced], (geometry) => kernels.f32_sum_axes(dx.ptr, dy.ptr, geometry, kept.length, reduced.length, 0, dx.size));
    }
  }
  return dx;
}
