/** Products, normalisations, dropout. */
import * as ops from '../../ops/index.js';
import { full } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import { BOOL, FLOAT } from '../elements.js';
import { Value } from '../values.js';
import type { Call, Operators } from './call.js';
import { axisOf } from './pick.js';

/** y = alpha·A·B + beta·C, A and B transposed where asked: a Linear layer where it can be one, with the same bits. */
function gemm(call: Call): Value {
  const { type } = call.x;
  const alpha = call.float('alpha', 1);
  const beta = call.float('beta', 1);
  const a = call.flag('transA') ? ops.transpose(call.x.tensor) : call.x.tensor;
  const b = call.input(1).tensor;
  const c = call.optional(2)?.tensor;
  const outputs = b.shape[call.flag('transB') ? 0 : 1];
  const plain = c === undefined || (beta === 1 && c.rank === 1 && c.shape[0] === outputs);
  if (call.flag('transB') && alpha === 1 && plain) return Value.of(ops.linear(a, b, c ?? null), type);
  const product = ops.matmul(a, call.flag('transB') ? ops.transpose(b) : b);
  const scaled = alpha === 1 ? product : ops.mul(product, alpha);
  if (c === undefined) return Value.of(scaled, type);
  return Value.of(ops.add(scaled, beta === 1 ? c : ops.mul(c, beta)), type);
}

function batchNorm(call: Call): Value | Value[] {
  const { x } = call;
  const [weight, bias, runningMean, runningVar] = [1, 2, 3, 4].map((i) => call.input(i).tensor) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  // Until operator set 14 more than one output meant training.
  const always = call.opset < 14 ? call.wants(1) : call.flag('training_mode');
  const training = always || call.training;
  // The share of the old statistics there, of the new ones here.
  const momentum = 1 - call.float('momentum', 0.9);
  const moved = !call.training && always;
  const [mean, variance] = moved ? [copy(runningMean), copy(runningVar)] : [runningMean, runningVar];
  const flat = x.shape.length === 1 ? ops.reshape(x.tensor, [x.size, 1]) : x.tensor;
  const options = { weight, bias, runningMean: mean, runningVar: variance, eps: call.float('epsilon', 1e-5) };
  if (moved && call.wants(2)) moveBiased(flat, mean, variance, momentum);
  const y = ops.batchNorm(flat, { ...options, training, momentum: moved && call.wants(2) ? 0 : momentum });
  const outputs = Value.of(ops.reshape(y, x.shape), x.type);
  if (!call.wants(1)) return x.shape.length === 1 ? outputs : Value.of(y, x.type);
  return [Value.of(y, x.type), Value.of(mean, FLOAT), Value.of(variance, FLOAT)];
}

const copy = (x: Tensor): Tensor => ops.mul(x.detach(), 1);

/** ONNX moves the running variance towards that of the batch divided by n, PyTorch (and `batchNorm`) by n − 1. */
function moveBiased(x: Tensor, mean: Tensor, variance: Tensor, momentum: number): void {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const batch = x.detach();
  const next = (running: Tensor, own: Tensor) => ops.add(ops.mul(running, 1 - momentum), ops.mul(own, momentum));
  mean.assign(next(mean, ops.mean(batch, axes)));
  variance.assign(next(variance, ops.variance(batch, axes, { correction: 0 })));
}

/** A learned part; null where it is a constant that changes nothing. */
function learned(value: Value | undefined, nothing: number): Tensor | null {
  return value === undefined || (value.isKnown && value.numbers.every((n) => n === nothing)) ? null : value.tensor;
}

function instanceNorm(call: Call): Value {
  const { x } = call;
  const [weight, bias] = [learned(call.input(1), 1), learned(call.input(2), 0)];
  return Value.of(ops.groupNorm(x.tensor, x.shape[1]!, { weight, bias, eps: call.float('epsilon', 1e-5) }), x.type);
}

function layerNorm(call: Call): Value | Value[] {
  const { x } = call;
  const axis = axisOf(call, call.int('axis', -1), x.shape.length);
  const shape = x.shape.slice(axis);
  const eps = call.float('epsilon', 1e-5);
  const part = (position: number) => {
    const given = learned(call.optional(position), position === 1 ? 1 : 0);
    return given === null || given.rank === shape.length ? given : ops.broadcastTo(given, shape);
  };
  const y = Value.of(ops.layerNorm(x.tensor, shape, { weight: part(1), bias: part(2), eps }), x.type);
  if (!call.wants(1) && !call.wants(2)) return y;
  const axes = x.shape.map((_, i) => i).slice(axis);
  const variance = ops.variance(x.tensor, axes, { keepDim: true, correction: 0 });
  const deviation = ops.rsqrt(ops.add(variance, eps));
  return [y, Value.of(ops.mean(x.tensor, axes, { keepDim: true }), FLOAT), Value.of(deviation, FLOAT)];
}

function groupNorm(call: Call): Value {
  const { x } = call;
  const groups = call.int('num_groups', 1);
  const eps = call.float('epsilon', 1e-5);
  const channels = x.shape[1]!;
  const parts = [learned(call.input(1), 1), learned(call.input(2), 0)];
  const [weight = null, bias = null] = parts.map((part) =>
    // Before operator set 21 there is one of each for a group.
    part === null || part.size === channels
      ? part
      : ops.reshape(ops.broadcastTo(ops.unsqueeze(part, 1), [groups, channels / groups]), [channels]),
  );
  return Value.of(ops.groupNorm(x.tensor, groups, { weight, bias, eps }), x.type);
}

function rmsNorm(call: Call): Value {
  const { x } = call;
  const axes = x.shape.map((_, axis) => axis).slice(axisOf(call, call.int('axis', -1), x.shape.length));
  const square = ops.mean(ops.square(x.tensor), axes, { keepDim: true });
  const y = ops.mul(x.tensor, ops.rsqrt(ops.add(square, call.float('epsilon', 1e-5))));
  return Value.of(ops.mul(y, call.input(1).tensor), x.type);
}

function dropout(call: Call): Value | Value[] {
  const { x } = call;
  const ratio = call.opset < 12 ? call.float('ratio', 0.5) : (call.optional(1)?.number ?? 0.5);
  const always = call.opset >= 12 && (call.optional(2)?.number ?? 0) !== 0;
  const active = (always || call.training) && ratio !== 0;
  if (active && call.has('seed')) throw call.unsupported('it draws random numbers from a seed of its own');
  if (!call.wants(1)) return active ? Value.of(ops.dropout(x.tensor, ratio), x.type) : x;
  const kept = full(x.shape, 1);
  const mask = active ? ops.dropout(kept, ratio) : kept;
  const y = active ? Value.of(ops.mul(x.tensor, mask), x.type) : x;
  return [y, Value.of(ops.ne(mask, 0), call.opset < 10 ? x.type : BOOL)];
}

export const layers: Operators = {
  Einsum: {
    takes: ['float'],
    since: 12,
    run(call) {
      const operands = call.inputs.map((_, i) => call.input(i).tensor);
      return Value.of(ops.einsum(call.text('equation', ''), ...operands), call.x.type);
    },
  },
  MatMul: { takes: ['float'], run: (call) => Value.of(ops.matmul(call.x.tensor, call.input(1).tensor), call.x.type) },
  Gemm: { takes: ['float'], run: gemm },
  BatchNormalization: {
    takes: ['float'],
    untrained: [3, 4],
    gives: (_, types, output) => (output === 0 ? types[0] : FLOAT),
    refuse: (attributes) => {
      if (attributes.opset < 9 && attributes.int('spatial', 1) === 0) return 'it normalises each pixel by itself';
      return (attributes.node.outputs[3] ?? '') === '' ? undefined : 'its fourth output is used';
    },
    run: batchNorm,
  },
  InstanceNormalization: { takes: ['float'], run: instanceNorm },
  LayerNormalization: {
    takes: ['float'],
    since: 17,
    gives: (_, types, output) => (output === 0 ? types[0] : FLOAT),
    run: layerNorm,
  },
  GroupNormalization: { takes: ['float'], since: 18, run: groupNorm },
  'lanewise.GroupNormalization': { takes: ['float'], run: groupNorm },
  RMSNormalization: { takes: ['float'], since: 23, run: rmsNorm },
  LpNormalization: {
    takes: ['float'],
    run(call) {
      const { x } = call;
      const axis = axisOf(call, call.int('axis', -1), x.shape.length);
      return Value.of(ops.div(x.tensor, ops.norm(x.tensor, [axis], { p: call.int('p', 2), keepDim: true })), x.type);
    },
  },
  Dropout: {
    takes: ['float', 'float', 'bool'],
    untrained: [1],
    gives: (attributes, types, output) => (output === 0 || attributes.opset < 10 ? types[0] : BOOL),
    run: dropout,
  },
};
