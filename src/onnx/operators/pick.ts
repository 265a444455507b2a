/** Elements picked by position: what Gather, Pad, Scatter, Resize and others are made of. */
import * as ops from '../../ops/index.js';
import { take as takeFromFront } from '../../ops/movement/indexSelect.js';
import { tensor } from '../../tensor/create.js';
import { type Shape, stridesOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Value } from '../values.js';
import type { Call } from './call.js';
import { pickNumbers } from './host.js';

/** `axis` counted from the front. @throws {UnsupportedError} when there is no such axis */
export function axisOf(call: Call, axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!(at >= 0 && at < Math.max(rank, 1))) throw call.unsupported(`there is no axis ${axis} in ${rank} axes`);
  return at;
}

/** The positions `positions[i]` of each axis i, all combinations of them. Null leaves an axis as it is. */
export function pickAxes(call: Call, x: Value, positions: readonly (readonly number[] | null)[]): Value {
  if (x.isKnown) {
    const shape = x.shape.map((length, axis) => positions[axis]?.length ?? length);
    const [outer, inner] = [stridesOf(shape), stridesOf(x.shape)];
    return pickNumbers(call, x, shape, (flat) =>
      shape.reduce((at, length, axis) => {
        const index = Math.floor(flat / outer[axis]!) % length;
        return at + (positions[axis]?.[index] ?? index) * inner[axis]!;
      }, 0),
    );
  }
  let y = x.tensor;
  positions.forEach((wanted, axis) => {
    if (wanted !== null && wanted !== undefined) y = takeList(y, axis, wanted);
  });
  return Value.of(y, x.type);
}

function takeList(x: Tensor, axis: number, wanted: readonly number[]): Tensor {
  const step = wanted.length > 1 ? wanted[1]! - wanted[0]! : 1;
  const regular = step !== 0 && wanted.every((at, i) => at === wanted[0]! + i * step);
  const length = x.shape[axis]!;
  if (wanted.length === 0) return ops.slice(x, 0, 0, { axis });
  if (!regular) return take(x, axis, tensor(Int32Array.from(wanted)));
  if (step === 1 && wanted.length === length) return x;
  if (step > 0) return ops.slice(x, wanted[0]!, wanted.at(-1)! + 1, { axis, step });
  // Backwards: forwards in what is turned round.
  const turned = ops.flip(x, axis);
  if (step === -1 && wanted.length === length) return turned;
  return ops.slice(turned, length - 1 - wanted[0]!, length - wanted.at(-1)!, { axis, step: -step });
}

/** y[…, i…, …] = x[…, index[i…], …] at `axis`. Negative indices count from the end. */
export const take = (x: Tensor, axis: number, index: Tensor): Tensor =>
  takeFromFront(x, axis, fromFront(index, x.shape[axis]!));

/** Indices counted from the front. */
export function fromFront(index: Tensor, length: number): Tensor {
  const given = index.dtype === 'int32' ? index : ops.cast(index, 'int32');
  const view = given.view();
  return view.some((at) => at < 0) ? ops.where(ops.lt(given, 0), ops.add(given, length), given) : given;
}

/** `data` with `updates` put at `positions` (of the flattened tensor), the last of several, or added there. */
export function scatter(data: Value, updates: Value, positions: readonly number[], adds: boolean): Value {
  const [x, src] = [data, updates].map(({ tensor: given }) => ops.reshape(given, [-1])) as [Tensor, Tensor];
  const put = adds ? ops.scatterAdd : ops.scatter;
  return Value.of(ops.reshape(put(x, 0, tensor(Int32Array.from(positions)), src), data.shape as Shape), data.type);
}
