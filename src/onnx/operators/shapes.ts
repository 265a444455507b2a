/** Operators that move elements, or compute with shapes. */
import * as ops from '../../ops/index.js';
import { zerosLike } from '../../tensor/create.js';
import { broadcastShapes, type Shape, sizeOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { BFLOAT16, FLOAT, INT64, storageOf, typeName } from '../elements.js';
import { Value } from '../values.js';
import { type Attributes, type Call, moves, type Operators } from './call.js';
import { convertTo } from './convert.js';
import { allKnown, checkFew } from './host.js';
import { axisOf, pickAxes } from './pick.js';

const known = (type: number, numbers: readonly number[]): Value => Value.numbers(type, [numbers.length], numbers);

/** The axes that a node names: an attribute until `since`, an input from then on. */
function axesFrom(call: Call, since: number): number[] | undefined {
  return call.opset < since ? call.ints('axes') : call.optional(1)?.list;
}

function reshape(call: Call): Value {
  const { x } = call;
  const allowZero = call.flag('allowzero');
  const shape = call.input(1).list.map((length, axis) => (length === 0 && !allowZero ? (x.shape[axis] ?? 0) : length));
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const others = sizeOf(shape.toSpliced(open, 1));
    shape[open] = others === 0 ? 0 : x.size / others;
  }
  return x.reshaped(shape, (tensor) => ops.reshape(tensor, shape));
}

function view(call: Call, shape: Shape): Value {
  return call.x.reshaped(shape, (tensor) => ops.reshape(tensor, shape));
}

function squeeze(call: Call): Value {
  const { shape } = call.x;
  const named = axesFrom(call, 13)?.map((axis) => axisOf(call, axis, shape.length));
  return view(
    call,
    shape.filter((length, axis) => (named === undefined ? length !== 1 : !named.includes(axis))),
  );
}

function unsqueeze(call: Call): Value {
  const { shape } = call.x;
  const axes = call.required('axes', axesFrom(call, 13));
  const rank = shape.length + axes.length;
  const named = axes.map((axis) => axisOf(call, axis, rank)).sort((a, b) => a - b);
  return view(
    call,
    named.reduce<Shape>((grown, axis) => grown.toSpliced(axis, 0, 1), shape),
  );
}

function concat(call: Call): Value {
  const inputs = call.inputs.map((_, i) => call.input(i));
  const { x } = call;
  const axis = axisOf(call, call.int('axis', 0), x.shape.length);
  if (allKnown(inputs) && inputs.every(({ shape }) => shape.length === 1))
    return known(
      x.type,
      inputs.flatMap((value) => value.list),
    );
  return Value.of(
    ops.concat(
      inputs.map((value) => value.tensor),
      axis,
    ),
    x.type,
  );
}

function split(call: Call): Value[] {
  const { x } = call;
  const axis = axisOf(call, call.int('axis', 0), x.shape.length);
  const length = x.shape[axis]!;
  const count = call.int('num_outputs', call.node.outputs.length);
  const size = Math.ceil(length / count);
  const sizes =
    (call.opset < 13 ? call.ints('split') : call.optional(1)?.list) ??
    Array.from({ length: count }, (_, i) => Math.max(Math.min(size, length - i * size), 0));
  let start = 0;
  return sizes.map((part) => {
    const positions = Array.from({ length: part }, (_, i) => start + i);
    start += part;
    if (start > length) throw call.unsupported(`the parts [${sizes.join(', ')}] do not make up an axis of ${length}`);
    return pickAxes(
      call,
      x,
      x.shape.map((_, i) => (i === axis ? positions : null)),
    );
  });
}

function slice(call: Call): Value {
  const { x } = call;
  const old = call.opset < 10;
  const starts = old ? call.required('starts', call.ints('starts')) : call.input(1).list;
  const ends = old ? call.required('ends', call.ints('ends')) : call.input(2).list;
  const axes = (old ? call.ints('axes') : call.optional(3)?.list) ?? starts.map((_, i) => i);
  const steps = (old ? undefined : call.optional(4)?.list) ?? starts.map(() => 1);
  const positions: (number[] | null)[] = x.shape.map(() => null);
  axes.forEach((given, i) => {
    const axis = axisOf(call, given, x.shape.length);
    const length = x.shape[axis]!;
    const [step, start, end] = [steps[i] ?? 1, starts[i]!, ends[i] ?? 0];
    if (step === 0) throw call.unsupported('it goes in steps of 0');
    const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
    const bound = (at: number, low: number) => Math.min(Math.max(at < 0 ? at + length : at, low), most);
    const first = bound(start, Math.max(least, 0));
    const count = Math.max(Math.ceil((bound(end, least) - first) / step), 0);
    positions[axis] = Array.from({ length: count }, (_, k) => first + k * step);
  });
  return pickAxes(call, x, positions);
}

function expand(call: Call): Value {
  const { x } = call;
  const shape = broadcastShapes(x.shape, call.input(1).list, 'Expand');
  return Value.of(ops.broadcastTo(x.tensor, shape), x.type);
}

function pad(call: Call): Value {
  const { x } = call;
  const rank = x.shape.length;
  const old = call.opset < 11;
  const given = old ? call.required('pads', call.ints('pads')) : call.input(1).list;
  const axes = call.optional(3)?.list.map((axis) => axisOf(call, axis, rank)) ?? x.shape.map((_, axis) => axis);
  const mode = call.text('mode', 'constant');
  const value = old ? call.float('value', 0) : (call.optional(2)?.number ?? 0);
  const before = x.shape.map((_, axis) => given[axes.indexOf(axis)] ?? 0);
  const after = x.shape.map((_, axis) => (axes.includes(axis) ? given[axes.length + axes.indexOf(axis)]! : 0));
  if (mode === 'constant') {
    const cut = x.shape.reduce((y, length, axis) => {
      const [start, end] = [Math.max(-before[axis]!, 0), Math.max(-after[axis]!, 0)];
      return start + end === 0 ? y : ops.slice(y, start, length - end, { axis });
    }, x.tensor);
    const pairs = x.shape.flatMap((_, back) => {
      const axis = rank - 1 - back;
      return [Math.max(before[axis]!, 0), Math.max(after[axis]!, 0)];
    });
    return Value.of(pairs.some((amount) => amount > 0) ? ops.pad(cut, pairs, value) : cut, x.type);
  }
  const positions = x.shape.map((length, axis) => {
    const count = before[axis]! + length + after[axis]!;
    if (count === length && before[axis] === 0) return null;
    checkFew(count, call);
    return Array.from({ length: count }, (_, i) => wrapped(i - before[axis]!, length, mode));
  });
  return pickAxes(call, x, positions);
}

/** The position that one outside of an axis stands for. */
function wrapped(at: number, length: number, mode: string): number {
  if (mode === 'edge') return Math.min(Math.max(at, 0), length - 1);
  const period = mode === 'wrap' ? length : Math.max(2 * (length - 1), 1);
  const within = ((at % period) + period) % period;
  return within < length ? within : period - within;
}

function trilu(call: Call): Value {
  const { x } = call;
  const keeps = call.flag('upper', true) ? ops.triu : ops.tril;
  return Value.of(keeps(x.tensor, { diagonal: call.optional(1)?.number ?? 0 }), x.type);
}

function depthToSpace(x: Tensor, block: number, columnFirst: boolean): Tensor {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const depth = c / block / block;
  const parts = ops.reshape(x, columnFirst ? [n, depth, block, block, h, w] : [n, block, block, depth, h, w]);
  const moved = ops.permute(parts, columnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
  return ops.reshape(moved, [n, depth, h * block, w * block]);
}

function spaceToDepth(x: Tensor, block: number): Tensor {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const parts = ops.reshape(x, [n, c, h / block, block, w / block, block]);
  return ops.reshape(ops.permute(parts, [0, 3, 5, 1, 2, 4]), [n, c * block * block, h / block, w / block]);
}

/** Sums along an axis. */
function cumulative(call: Call): Value {
  const { x } = call;
  const axis = axisOf(call, call.input(1).number, x.shape.length);
  const turned = (y: Tensor): Tensor => (call.flag('reverse') ? ops.flip(y, axis) : y);
  let y = ops.cumsum(turned(x.tensor), axis);
  if (call.flag('exclusive')) {
    y = ops.concat([zerosLike(ops.slice(y, 0, 1, { axis })), ops.slice(y, 0, -1, { axis })], axis);
  }
  return Value.of(turned(y), x.type);
}

function constant(call: Call): Value {
  const { attributes } = call.node;
  const held = call.tensor('value');
  if (held !== undefined) return Value.numbers(held.type, held.shape, held.numbers);
  if (attributes.has('value_float')) return Value.numbers(FLOAT, [], [call.float('value_float', 0)]);
  if (attributes.has('value_int')) return Value.numbers(INT64, [], [call.int('value_int', 0)]);
  const floats = call.floats('value_floats');
  if (floats !== undefined) return known(FLOAT, floats);
  return known(INT64, call.required('value', call.ints('value_ints')));
}

function constantType(attributes: Attributes): number {
  if (attributes.has('value')) {
    const type = attributes.node.attributes.get('value')!.t?.dataType ?? 0;
    return type === BFLOAT16 ? FLOAT : type;
  }
  return attributes.has('value_float') || attributes.has('value_floats') ? FLOAT : INT64;
}

function constantOfShape(call: Call): Value {
  const shape = call.x.list;
  const size = sizeOf(shape);
  if (!shape.every((length) => Number.isInteger(length) && length >= 0))
    throw call.unsupported(`there is no shape [${shape.join(', ')}]`);
  const { type, numbers } = call.tensor('value') ?? { type: FLOAT, numbers: [0] };
  checkFew(size, call);
  return Value.numbers(type, shape, new Float64Array(size).fill(numbers[0] ?? 0));
}

function range(call: Call): Value {
  const [start, end, step] = [call.x, call.input(1), call.input(2)].map(({ number }) => number) as [
    number,
    number,
    number,
  ];
  const count = Math.max(Math.ceil((end - start) / step), 0);
  if (step === 0) throw call.unsupported('it goes in steps of 0');
  checkFew(count, call);
  return known(
    call.x.type,
    Array.from({ length: count }, (_, i) => start + i * step),
  );
}

function eyeLike(call: Call): Value {
  const [rows, columns] = call.x.shape as [number, number];
  checkFew(rows * columns, call);
  const k = call.int('k', 0);
  const ones = Float64Array.from({ length: rows * columns }, (_, i) =>
    Number((i % columns) - Math.floor(i / columns) === k),
  );
  return Value.numbers(call.int('dtype', call.x.type), [rows, columns], ones);
}

const toInt64 = { gives: () => INT64 };

const castable = (type: number): string | undefined =>
  storageOf(type) === undefined ? `it casts to ${typeName(type)}` : undefined;

export const shapes: Operators = {
  Identity: moves(({ x }) => x),
  Constant: {
    takes: [],
    gives: constantType,
    refuse: (attributes) => {
      if (attributes.has('sparse_value')) return 'its value is sparse';
      if (attributes.has('value_string') || attributes.has('value_strings')) return 'its value is text';
      return castable(constantType(attributes)) && 'its value is of a type that lanewise does not hold';
    },
    run: constant,
  },
  ConstantOfShape: {
    takes: ['integer'],
    since: 9,
    gives: (attributes) => attributes.node.attributes.get('value')?.t?.dataType ?? FLOAT,
    run: constantOfShape,
  },
  Range: { takes: ['number'], since: 11, run: range },
  EyeLike: moves(eyeLike, { since: 9, gives: (attributes, [type]) => attributes.int('dtype', type ?? FLOAT) }),
  Shape: moves((call) => {
    const { shape } = call.x;
    return known(INT64, shape.slice(call.int('start', 0), call.int('end', shape.length)));
  }, toInt64),
  Size: moves(({ x }) => Value.numbers(INT64, [], [x.size]), toInt64),
  Cast: moves((call) => convertTo(call, call.x, call.int('to', 0)), {
    gives: (attributes) => attributes.int('to', 0),
    refuse: (attributes) => castable(attributes.int('to', 0)),
  }),
  CastLike: moves((call) => convertTo(call, call.x, call.input(1).type), { since: 15, gives: (_, types) => types[1] }),
  Reshape: moves(reshape),
  Flatten: moves((call) => {
    const { shape } = call.x;
    const given = call.int('axis', 1);
    const axis = given < 0 ? given + shape.length : given;
    return view(call, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
  }),
  Squeeze: moves(squeeze),
  Unsqueeze: moves(unsqueeze),
  Transpose: moves((call) => {
    const { x } = call;
    const order = call.ints('perm') ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
    if (x.isKnown && x.shape.length < 2) return x;
    return Value.of(ops.permute(x.tensor, order), x.type);
  }),
  Concat: moves(concat),
  Split: moves(split, { gives: (_, types) => types[0] }),
  Slice: moves(slice),
  Expand: moves(expand, { since: 8 }),
  Tile: moves((call) => Value.of(ops.repeat(call.x.tensor, call.input(1).list), call.x.type)),
  Pad: moves(pad, { untrained: [2] }),
  Trilu: { takes: ['known'], since: 14, run: trilu },
  DepthToSpace: {
    takes: ['float'],
    run: (call) => {
      const columnFirst = call.text('mode', 'DCR') === 'CRD';
      return Value.of(depthToSpace(call.x.tensor, call.int('blocksize', 1), columnFirst), call.x.type);
    },
  },
  SpaceToDepth: {
    takes: ['float'],
    run: (call) => Value.of(spaceToDepth(call.x.tensor, call.int('blocksize', 1)), call.x.type),
  },
  CumSum: { takes: ['number', 'integer'], since: 11, run: cumulative },
};
