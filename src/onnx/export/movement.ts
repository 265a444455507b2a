/** How operations that move elements are written. */
import type { DType } from '../../tensor/dtype.js';
import { FLOAT, INT32, INT64 } from '../elements.js';
import { BACK_TO_START, type Named, TO_END } from './builder.js';
import type { Writers, Writing } from './step.js';

function view(step: Writing): Named {
  const [a] = step.inputShapes();
  const [y] = step.shapes;
  // What a Flatten layer does.
  if (step.both.name === 'flatten' && y.length === 2 && a.length > 1 && y[0] === a[0])
    return step.node('Flatten', [step.raw], { axis: 1 });
  return step.shaped(step.raw);
}

/** A position as it is in both runs: from the start, or from the end of an axis that is as long as the batch. */
function position(step: Writing, own: number, other: number, lengths: readonly [number, number]): number | bigint {
  if (own === lengths[0] && other === lengths[1]) return TO_END;
  if (own === other) return own;
  return step.graph.fixed(own - lengths[0], other - lengths[1], 'a position of a slice');
}

function slice(step: Writing): Named {
  const axis = step.number('axis');
  const every = step.number('step');
  const [a, b] = step.inputShapes();
  const lengths = [a[axis]!, b[axis]!] as const;
  const [first, otherFirst] = [step.both.a.attributes.first, step.both.b.attributes.first] as [number, number];
  const [count, otherCount] = step.shapes.map((shape) => shape[axis]!) as [number, number];
  const end = (start: number, taken: number, length: number) => Math.min(start + taken * every, length);
  const start = position(step, first, otherFirst, lengths);
  const stop = position(step, end(first, count, lengths[0]), end(otherFirst, otherCount, lengths[1]), lengths);
  const { graph } = step;
  return step.node('Slice', [
    step.raw,
    graph.ints([start]),
    graph.ints([stop]),
    graph.ints([axis]),
    graph.ints([every]),
  ]);
}

function flip(step: Writing): Named {
  const axes = step.list('axes');
  if (axes.length === 0) return step.raw;
  const { graph } = step;
  const each = (n: number | bigint) => graph.ints(axes.map(() => n));
  return step.node('Slice', [step.raw, each(-1), each(BACK_TO_START), graph.ints(axes), each(-1)]);
}

function pad(step: Writing): Named {
  const pads = step.graph.ints([...step.list('before'), ...step.list('after')]);
  const value = step.raw;
  const fill = step.graph.constant(value.type, [], [step.number('value')]);
  return step.node('Pad', [value, pads, fill]);
}

/** The input, a scalar as a list of one. */
function onePlus(step: Writing): Named {
  return step.input(0)[0].rank === 0 ? step.node('Reshape', [step.raw, step.graph.ints([1])]) : step.raw;
}

/** Along the last axis, in float32. */
function rows(step: Writing, opType: string): Named {
  const y = step.node(opType, [step.graph.cast(onePlus(step), 'float32')], { axis: -1 });
  return step.output.rank === 0 ? step.shaped(y) : y;
}

function oneHot(step: Writing): Named {
  const depth = step.graph.fixed(step.shapes[0].at(-1)!, step.shapes[1].at(-1)!, 'the number of classes');
  const values = step.graph.constant(FLOAT, [2], Float32Array.of(0, 1));
  // Runtimes have it for int64, and not for scalars.
  const ids = step.node('Cast', [onePlus(step)], { to: INT64 }, INT64);
  return step.shaped(step.node('OneHot', [ids, step.graph.ints([depth]), values], { axis: -1 }, FLOAT));
}

/** The axes of a reduction. Over all axes the batch is one of them: that is not a number made from it. */
const axesOf = (step: Writing): readonly number[] => step.list('axes');

/** Without the reduced axes, then in the shape that the result has. */
function kept(step: Writing, value: Named): Named {
  return step.output.rank === step.input(0)[0].rank - axesOf(step).length ? value : step.shaped(value);
}

/** Writes a reduction; of a scalar it is one of a single element. */
function reduce(step: Writing, opType: string, x: Named): Named {
  const axes = axesOf(step);
  const { graph } = step;
  if (axes.length === 0) return reduceAxes(step, opType, step.node('Reshape', [x, graph.ints([1])]), [0]);
  return kept(step, reduceAxes(step, opType, x, axes));
}

function reduceAxes(step: Writing, opType: string, x: Named, axes: readonly number[], keepdims = 0): Named {
  if (opType === 'ReduceSum') return step.node(opType, [x, step.graph.ints(axes)], { keepdims });
  return step.node(opType, [x], { axes, keepdims });
}

const typed = (step: Writing): Named => step.graph.as(step.input(0), step.output.dtype);

function deviation(step: Writing, isRoot: boolean): Named {
  const [a, b] = [step.both.a.attributes, step.both.b.attributes];
  const axes = axesOf(step);
  const correction = step.number('correction');
  const centred = step.node('Sub', [step.x, reduceAxes(step, 'ReduceMean', step.x, axes, 1)]);
  const squares = step.node('Mul', [centred, centred]);
  let y: Named;
  if (correction === 0) y = reduceAxes(step, 'ReduceMean', squares, axes);
  else {
    const divisor = step.graph.fixed(a.reduce as number, b.reduce as number, 'the divisor of a variance');
    const total = reduceAxes(step, 'ReduceSum', squares, axes);
    y = step.node('Div', [total, step.scalar(Math.max(divisor - correction, 0))]);
  }
  return kept(step, isRoot ? step.node('Sqrt', [y]) : y);
}

function norm(step: Writing): Named {
  const p = step.number('p');
  if (p === 2) return reduce(step, 'ReduceL2', step.x);
  if (p === 1) return reduce(step, 'ReduceL1', step.x);
  const magnitude = step.node('Abs', [step.x]);
  if (p === Infinity) return reduce(step, 'ReduceMax', magnitude);
  const total = reduce(step, 'ReduceSum', step.node('Pow', [magnitude, step.scalar(p)]));
  return step.node('Pow', [total, step.scalar(1 / p)]);
}

function extreme(step: Writing, opType: string): Named {
  const axes = axesOf(step);
  const single = axes.length === 1;
  const x = single ? step.raw : step.node('Reshape', [step.raw, step.graph.ints([-1])]);
  const index = step.node(opType, [x], { axis: single ? axes[0]! : 0, keepdims: 0 }, INT64);
  const value = step.node('Cast', [index], { to: INT32 }, INT32);
  return single ? kept(step, value) : step.shaped(value);
}

function scatter(step: Writing, reduction: string): Named {
  const { graph, output } = step;
  // A number that is put everywhere has a dtype of its own.
  const [data, src] = [0, 1].map((i) => graph.as(step.input(i), output.dtype)) as [Named, Named];
  const attributes = { axis: step.number('axis'), ...(reduction !== 'none' && { reduction }) };
  return step.node('ScatterElements', [data, graph.value(step.part('index')!), src], attributes);
}

/** Along an axis, which a scalar has not. */
function along(step: Writing, dtype: DType, write: (x: Named, axis: number) => Named): Named {
  const isScalar = step.output.rank === 0;
  const x = step.graph.as(step.input(0), dtype);
  const y = write(isScalar ? step.node('Reshape', [x, step.graph.ints([1])]) : x, step.number('axis'));
  return isScalar ? step.shaped(y) : y;
}

/** The positions alone; the elements there are gathered. */
function topk(step: Writing): Named {
  const { graph } = step;
  // Bytes have no order in some runtimes.
  return along(step, step.input(0)[0].dtype === 'float32' ? 'float32' : 'int32', (x, axis) => {
    const attributes = { axis, largest: Number(step.setting<boolean>('largest')) };
    const { name } = graph.node('TopK', [x, graph.ints([step.number('count')])], attributes, x.type, 2);
    return step.node('Cast', [{ name: `${name}:1`, type: INT64 }], { to: INT32 }, INT32);
  });
}

export const movement: Writers = {
  reshape: view,
  flatten: view,
  unflatten: view,
  squeeze: view,
  unsqueeze: view,
  clone: (step) => step.node('Identity', [step.raw]),
  permute: (step) => step.node('Transpose', [step.raw], { perm: step.list('order') }),
  broadcastTo: (step) => step.node('Expand', [step.raw, step.graph.shape(...step.shapes)]),
  concat: (step) => {
    const inputs = step.both.a.inputs.map((_, i) => step.graph.as(step.input(i), step.output.dtype));
    return step.node('Concat', inputs, { axis: step.number('axis') });
  },
  slice,
  flip,
  pad,
  oneHot,
  gather: (step) =>
    step.node('GatherElements', [step.raw, step.graph.value(step.part('index')!)], { axis: step.number('axis') }),
  scatter: (step) => scatter(step, 'none'),
  scatterAdd: (step) => scatter(step, 'add'),
  embedding: (step) => step.node('Gather', [step.raw, step.graph.value(step.part('indices')!)], { axis: 0 }),
  topk,
  cumsum: (step) => along(step, step.output.dtype, (x, axis) => step.node('CumSum', [x, step.graph.ints([axis])])),
  sum: (step) => reduce(step, 'ReduceSum', typed(step)),
  mean: (step) => reduce(step, 'ReduceMean', step.x),
  prod: (step) => reduce(step, 'ReduceProd', typed(step)),
  max: (step) => reduce(step, 'ReduceMax', step.raw),
  min: (step) => reduce(step, 'ReduceMin', step.raw),
  var: (step) => deviation(step, false),
  std: (step) => deviation(step, true),
  norm,
  logSumExp: (step) => reduce(step, 'ReduceLogSumExp', step.x),
  argmax: (step) => extreme(step, 'ArgMax'),
  argmin: (step) => extreme(step, 'ArgMin'),
  softmax: (step) => rows(step, 'Softmax'),
  logSoftmax: (step) => rows(step, 'LogSoftmax'),
};
