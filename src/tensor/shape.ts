/** Shape arithmetic: sizes, strides, axes, broadcasting. Pure functions; no memory. */
import { ArgumentError, RangeIndexError, ShapeError } from '../runtime/errors.js';

/** The sizes of the axes, from the outermost in; none for a scalar. */
export type Shape = readonly number[];

/** Number of elements: the product of the sizes (1 for a scalar). */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) size *= shape[axis]!;
  return size;
}

/** `[2, 3]`, as it stands in messages. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** @throws {ArgumentError} when a size is not a whole number ≥ 0 */
export function checkShape(shape: Shape, where: string): void {
  for (const length of shape) {
    if (!Number.isInteger(length) || length < 0)
      throw new ArgumentError(`sizes must be whole numbers ≥ 0, not ${formatShape(shape)}`, { where });
  }
}

/**
 * `axis` counted from the front; −1 is the last. A scalar is taken to have one axis. @throws {RangeIndexError} when the
 * tensor has no such axis
 */
export function resolveAxis(axis: number, rank: number, where: string): number {
  const count = Math.max(rank, 1);
  const resolved = axis < 0 ? axis + count : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= count) {
    throw new RangeIndexError(`axis ${axis} does not exist in a tensor of ${rank} axes`, { where });
  }
  return resolved;
}

/**
 * The axes named (all, when undefined), counted from the front, ascending. @throws {ArgumentError} on a repeated axis
 */
export function resolveAxes(axes: number | readonly number[] | undefined, rank: number, where: string): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const resolved = (typeof axes === 'number' ? [axes] : [...axes])
    .map((axis) => resolveAxis(axis, rank, where))
    .sort((a, b) => a - b);
  if (new Set(resolved).size !== resolved.length)
    throw new ArgumentError(`an axis is named twice in ${formatShape(axes as Shape)}`, { where });
  return rank === 0 ? [] : resolved;
}

/**
 * The shape that two shapes broadcast to: aligned at the last axis, each pair of sizes equal or one of them 1.
 *
 * @throws {ShapeError} naming the axis that disagrees
 */
export function broadcastShapes(a: Shape, b: Shape, where: string): number[] {
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let back = 1; back <= rank; back++) {
    const left = a[a.length - back] ?? 1;
    const right = b[b.length - back] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError(
        `shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: axis −${back} has ${left} and ${right}`,
        {
          where,
          hint:
            'each pair of sizes, aligned at the last axis, must be equal or have ' +
            'a 1; reshape or unsqueeze one of them',
        },
      );
    }
    shape[rank - back] = left === 1 ? right : left;
  }
  return shape;
}

/**
 * The same walk over as few axes as do: rows [size, …stride of each operand], outermost first, without axes of size 1,
 * neighbours that all operands pass in one stride made one. At least one row.
 */
export function mergeAxes(sizes: Shape, strides: readonly (readonly number[])[]): number[][] {
  const rows: number[][] = [];
  sizes.forEach((size, axis) => {
    if (size === 1) return;
    const steps = strides.map((own) => own[axis]!);
    const outer = rows.at(-1);
    if (outer !== undefined && steps.every((step, k) => outer[k + 1] === size * step))
      rows[rows.length - 1] = [outer[0]! * size, ...steps];
    else rows.push([size, ...steps]);
  });
  return rows.length > 0 ? rows : [[1, ...strides.map(() => 0)]];
}

/** Strides of a shape walked along the axes of one that it broadcasts to: 0 where it repeats. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const strides = stridesOf(shape);
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : strides[axis - lead]!));
}
