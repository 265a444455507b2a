/** Operators that pick elements by index, or put them there. */
import * as ops from '../../ops/index.js';
import { type Shape, sizeOf, stridesOf } from '../../tensor/shape.js';
import { INT64 } from '../elements.js';
import { Value } from '../values.js';
import { type Attributes, type Call, moves, type Operators } from './call.js';
import { checkFew } from './host.js';
import { axisOf, fromFront, pickAxes, scatter, take } from './pick.js';

function gather(call: Call): Value {
  const [x, index] = [call.x, call.input(1)];
  const axis = axisOf(call, call.int('axis', 0), x.shape.length);
  const length = x.shape[axis] ?? 1;
  if (index.isKnown && (x.isKnown || index.shape.length < 2)) {
    const positions = index.list.map((at) => (at < 0 ? at + length : at));
    const outside = positions.find((at) => !(at >= 0 && at < length));
    if (outside !== undefined) throw call.unsupported(`the index ${outside} is outside an axis of ${length}`);
    const picked = pickAxes(
      call,
      x,
      x.shape.map((_, i) => (i === axis ? positions : null)),
    );
    const shape = x.shape.toSpliced(axis, 1, ...index.shape);
    return picked.reshaped(shape, (tensor) => ops.reshape(tensor, shape));
  }
  return Value.of(take(x.tensor, axis, index.tensor), x.type);
}

function gatherElements(call: Call): Value {
  const [x, index] = [call.x, call.input(1)];
  const axis = axisOf(call, call.int('axis', 0), x.shape.length);
  const source = x.tensor.dtype === 'uint8' ? ops.cast(x.tensor, 'int32') : x.tensor;
  return Value.of(ops.gather(source, axis, fromFront(index.tensor, x.shape[axis]!)), x.type);
}

/** Positions in the flattened tensor that rows of indices stand for, the first `batch` axes running along. */
function flatPositions(call: Call, shape: Shape, index: Value, batch: number): { flat: number[]; depth: number } {
  const depth = index.shape.at(-1) ?? 0;
  const lengths = shape.slice(batch, batch + depth);
  if (lengths.length !== depth) throw call.unsupported(`indices of ${depth} numbers for ${shape.length} axes`);
  const strides = stridesOf(lengths);
  const rows = depth === 0 ? 0 : index.size / depth;
  const perBatch = rows / sizeOf(index.shape.slice(0, batch));
  const { numbers } = index;
  const flat = Array.from({ length: rows }, (_, row) => {
    let at = Math.floor(row / perBatch) * sizeOf(lengths);
    lengths.forEach((length, k) => {
      const given = numbers[row * depth + k]!;
      const position = given < 0 ? given + length : given;
      if (!(position >= 0 && position < length))
        throw call.unsupported(`the index ${given} is outside an axis of ${length}`);
      at += position * strides[k]!;
    });
    return at;
  });
  return { flat, depth };
}

function gatherNd(call: Call): Value {
  const [x, index] = [call.x, call.input(1)];
  const batch = call.int('batch_dims', 0);
  const { flat, depth } = flatPositions(call, x.shape, index, batch);
  const rest = x.shape.slice(batch + depth);
  const table = ops.reshape(x.tensor, [sizeOf(x.shape.slice(0, batch + depth)), ...rest]);
  const picked = take(table, 0, Value.numbers(INT64, [flat.length], flat).tensor);
  return Value.of(ops.reshape(picked, [...index.shape.slice(0, -1), ...rest]), x.type);
}

function scatterNd(call: Call): Value {
  const [x, index, updates] = [call.x, call.input(1), call.input(2)];
  const { flat, depth } = flatPositions(call, x.shape, index, 0);
  const inner = sizeOf(x.shape.slice(depth));
  return scatter(
    x,
    updates,
    flat.flatMap((row) => Array.from({ length: inner }, (_, i) => row * inner + i)),
    adds(call),
  );
}

function scatterElements(call: Call): Value {
  const [x, index, updates] = [call.x, call.input(1), call.input(2)];
  const axis = axisOf(call, call.int('axis', 0), x.shape.length);
  const put = adds(call) ? ops.scatterAdd : ops.scatter;
  return Value.of(put(x.tensor, axis, fromFront(index.tensor, x.shape[axis] ?? 1), updates.tensor), x.type);
}

function oneHot(call: Call): Value {
  const [index, depth, values] = [call.x, call.input(1).number, call.input(2)];
  checkFew(depth, call);
  const axis = axisOf(call, call.int('axis', -1), index.shape.length + 1);
  const ids = ops.unsqueeze(fromFront(ops.cast(index.tensor, 'int32'), depth), axis);
  const shape = ids.shape.map((_, i) => (i === axis ? depth : 1));
  const classes = Value.numbers(
    INT64,
    shape,
    Float64Array.from({ length: depth }, (_, i) => i),
  ).tensor;
  const [off, on] = [ops.select(values.tensor, 0, 0), ops.select(values.tensor, 0, 1)];
  return Value.of(ops.where(ops.eq(ids, classes), on, off), values.type);
}

function nonZero(call: Call): Value {
  const { shape, numbers } = call.x;
  const strides = stridesOf(shape);
  const found = Array.from(numbers.keys()).filter((flat) => numbers[flat] !== 0);
  const rows = shape.map((length, axis) => found.map((flat) => Math.floor(flat / strides[axis]!) % length));
  return Value.numbers(INT64, [shape.length, found.length], rows.flat());
}

function compress(call: Call): Value {
  const [x, condition] = [call.x, call.input(1)];
  const positions = condition.list.flatMap((set, i) => (set !== 0 ? [i] : []));
  if (!call.has('axis')) {
    const flat = x.reshaped([x.size], (tensor) => ops.reshape(tensor, [x.size]));
    return pickAxes(call, flat, [positions]);
  }
  const axis = axisOf(call, call.int('axis', 0), x.shape.length);
  return pickAxes(
    call,
    x,
    x.shape.map((_, i) => (i === axis ? positions : null)),
  );
}

/** Whether what is scattered is added to what is there. */
const adds = (attributes: Attributes): boolean => attributes.text('reduction', 'none') === 'add';

function combines(attributes: Attributes): string | undefined {
  const reduction = attributes.text('reduction', 'none');
  return reduction === 'none' || reduction === 'add' ? undefined : `its reduction is ${reduction}`;
}

export const indexing: Operators = {
  Gather: moves(gather),
  GatherElements: moves(gatherElements, { since: 11 }),
  GatherND: moves(gatherNd, { since: 11 }),
  Scatter: moves(scatterElements, { since: 9 }),
  ScatterElements: moves(scatterElements, { since: 11, refuse: combines }),
  ScatterND: moves(scatterNd, { since: 11, refuse: combines }),
  OneHot: moves(oneHot, { since: 9, untrained: [2], gives: (_, types) => types[2] }),
  NonZero: moves(nonZero, { since: 9, gives: () => INT64 }),
  Compress: moves(compress, { since: 9 }),
};
