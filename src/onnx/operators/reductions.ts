/** Operators over axes: sums, extremes, softmax, losses. */
import * as ops from '../../ops/index.js';
import { sizeOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { INT64 } from '../elements.js';
import { Value } from '../values.js';
import type { Call, Operator, Operators } from './call.js';
import { axisOf } from './pick.js';

type Reduction = (x: Tensor, axes: readonly number[], keepDim: boolean) => Tensor;

/** @param since the operator set from which the axes are an input */
function reduction(since: number, op: Reduction, takes: Operator['takes'] = ['float']): Operator {
  return {
    takes: [...takes, 'any'],
    run(call) {
      const { x } = call;
      const rank = x.shape.length;
      const named = (call.opset < since ? call.ints('axes') : call.optional(1)?.list) ?? [];
      if (named.length === 0 && call.flag('noop_with_empty_axes')) return x;
      const keepDim = call.flag('keepdims', true);
      if (x.isKnown && x.size === 1 && rank < 2) return x.reshaped(keepDim ? x.shape : [], (y) => ops.reshape(y, []));
      const axes = named.length === 0 ? x.shape.map((_, axis) => axis) : named.map((axis) => axisOf(call, axis, rank));
      // A list of no axes means all of them: a scalar has none.
      return Value.of(rank === 0 ? op(ops.reshape(x.tensor, [1]), [0], false) : op(x.tensor, axes, keepDim), x.type);
    },
  };
}

function extreme(op: typeof ops.argmax): Operator {
  return {
    takes: ['number'],
    gives: () => INT64,
    run(call) {
      const { x } = call;
      const axis = axisOf(call, call.int('axis', 0), x.shape.length);
      const keepDim = call.flag('keepdims', true);
      if (!call.flag('select_last_index')) return Value.of(op(x.tensor, axis, { keepDim }), INT64);
      const fromEnd = op(ops.flip(x.tensor, axis), axis, { keepDim });
      return Value.of(ops.sub(x.shape[axis]! - 1, fromEnd), INT64);
    },
  };
}

/** Until operator set 13 all axes from the given one on count as one. */
function rows(op: (x: Tensor, axis: number) => Tensor): Operator {
  return {
    takes: ['float'],
    run(call) {
      const { x } = call;
      const rank = x.shape.length;
      const axis = axisOf(call, call.int('axis', call.opset < 13 ? 1 : -1), rank);
      if (call.opset >= 13 || axis === rank - 1) return Value.of(op(x.tensor, axis), x.type);
      const flat = ops.reshape(x.tensor, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
      return Value.of(ops.reshape(op(flat, 1), x.shape), x.type);
    },
  };
}

/** 1 at the first largest of an axis, else 0. */
function hardmax(x: Tensor, axis: number): Tensor {
  const classes = x.shape[axis]!;
  const hot = ops.oneHot(ops.argmax(x, axis), classes);
  return axis === x.rank - 1
    ? hot
    : ops.permute(hot, [...hot.shape.keys()].toSpliced(-1, 1).toSpliced(axis, 0, x.rank - 1));
}

const reduced = (call: Call): 'none' | 'sum' | 'mean' => {
  const name = call.text('reduction', 'mean');
  if (name !== 'none' && name !== 'sum' && name !== 'mean') throw call.unsupported(`there is no reduction ${name}`);
  return name;
};

/** Class ids are never negative here; −100 stands for none. */
function likelihood(call: Call, scores: Tensor): Value {
  const target = ops.cast(call.input(1).tensor, 'int32');
  const weight = call.optional(2)?.tensor;
  const options = {
    reduction: reduced(call),
    ignoreIndex: call.int('ignore_index', -100),
    ...(weight !== undefined && { weight }),
  };
  return Value.of(ops.nllLoss(scores, target, options), call.x.type);
}

/** The largest (or smallest) elements of an axis, in order, and where they are. */
function topK(call: Call): Value[] {
  const { x } = call;
  const axis = axisOf(call, call.int('axis', -1), x.shape.length);
  const k = call.opset < 10 ? call.int('k', 1) : call.input(1).number;
  const length = x.shape[axis] ?? 1;
  if (!(k >= 0 && k <= length)) throw call.unsupported(`it wants ${k} of ${length} elements`);
  const { values, indices } = ops.topk(x.tensor, k, axis, { largest: call.flag('largest', true) });
  return [Value.of(values, x.type), Value.of(indices, INT64)];
}

export const reductions: Operators = {
  ReduceSum: reduction(13, (x, axes, keepDim) => ops.sum(x, axes, { keepDim }), ['number']),
  ReduceMean: reduction(18, (x, axes, keepDim) => ops.mean(x, axes, { keepDim })),
  ReduceMax: reduction(18, (x, axes, keepDim) => ops.max(x, axes, { keepDim }), ['number']),
  ReduceMin: reduction(18, (x, axes, keepDim) => ops.min(x, axes, { keepDim }), ['number']),
  ReduceProd: reduction(18, (x, axes, keepDim) => ops.prod(x, axes, { keepDim }), ['number']),
  ReduceL1: reduction(18, (x, axes, keepDim) => ops.norm(x, axes, { p: 1, keepDim })),
  ReduceL2: reduction(18, (x, axes, keepDim) => ops.norm(x, axes, { keepDim })),
  ReduceSumSquare: reduction(18, (x, axes, keepDim) => ops.sum(ops.square(x), axes, { keepDim })),
  ReduceLogSum: reduction(18, (x, axes, keepDim) => ops.log(ops.sum(x, axes, { keepDim }))),
  ReduceLogSumExp: reduction(18, (x, axes, keepDim) => ops.logSumExp(x, axes, { keepDim })),
  ArgMax: extreme(ops.argmax),
  ArgMin: extreme(ops.argmin),
  Softmax: rows(ops.softmax),
  LogSoftmax: rows(ops.logSoftmax),
  Hardmax: rows(hardmax),
  TopK: { takes: ['number', 'any'], gives: (_, types, output) => (output === 0 ? types[0] : INT64), run: topK },
  NegativeLogLikelihoodLoss: {
    takes: ['float', 'integer', 'float'],
    since: 12,
    untrained: [2],
    run: (call) => likelihood(call, call.x.tensor),
  },
  SoftmaxCrossEntropyLoss: {
    takes: ['float', 'integer', 'float'],
    since: 12,
    untrained: [2],
    run(call) {
      const logs = ops.logSoftmax(call.x.tensor, 1);
      const loss = likelihood(call, logs);
      return call.wants(1) ? [loss, Value.of(logs, call.x.type)] : loss;
    },
  },
  MeanVarianceNormalization: {
    takes: ['float'],
    since: 9,
    run(call) {
      const axes = call.ints('axes') ?? [0, 2, 3];
      const { x } = call;
      const centred = ops.sub(x.tensor, ops.mean(x.tensor, axes, { keepDim: true }));
      const deviation = ops.std(x.tensor, axes, { keepDim: true, correction: 0 });
      return Value.of(ops.div(centred, ops.add(deviation, 1e-9)), x.type);
    },
  },
};
