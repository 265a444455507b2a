/** How operations that work element by element are written. */
import type { DType } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';
import { BOOL, FLOAT, INT32, UINT8 } from '../elements.js';
import type { Named } from './builder.js';
import { float, type Writer, type Writers, type Writing } from './step.js';

const unary =
  (opType: string): Writer =>
  (step) =>
    step.node(opType, [step.x]);

/** Both operands as elements of one dtype. */
function operands({ graph, both: { a, b } }: Writing, dtype: DType): [Named, Named] {
  return [graph.operand(a.attributes.a, b.attributes.a, dtype), graph.operand(a.attributes.b, b.attributes.b, dtype)];
}

const binary =
  (opType: string): Writer =>
  (step) =>
    step.node(opType, operands(step, step.output.dtype));

/** As operations compare: integers with integers, else in float32. */
function compared(step: Writing): [Named, Named] {
  const isInt = (x: unknown) => (typeof x === 'number' ? x === (x | 0) : (x as Tensor).dtype !== 'float32');
  const { attributes } = step.both.a;
  return operands(step, isInt(attributes.a) && isInt(attributes.b) ? 'int32' : 'float32');
}

const comparison =
  (opType: string): Writer =>
  (step) =>
    step.condition(opType, ...compared(step));

function clamp(step: Writing): Named {
  const bound = (key: string) => (Number.isFinite(step.number(key)) ? step.scalar(step.number(key)) : null);
  const high = bound('high');
  return step.node('Clip', high === null ? [step.x, bound('low')] : [step.x, bound('low'), high]);
}

function gelu(step: Writing): Named {
  const { x } = step;
  const half = step.scalar(0.5);
  if (step.setting('approximate') === 'tanh') {
    const cube = step.node('Mul', [step.node('Mul', [x, x]), x]);
    const inner = step.node('Add', [x, step.node('Mul', [cube, step.scalar(0.044715)])]);
    const tanh = step.node('Tanh', [step.node('Mul', [inner, step.scalar(Math.sqrt(2 / Math.PI))])]);
    return step.node('Mul', [step.node('Mul', [x, half]), step.node('Add', [tanh, step.scalar(1)])]);
  }
  const erf = step.node('Erf', [step.node('Div', [x, step.scalar(Math.SQRT2)])]);
  return step.node('Mul', [step.node('Mul', [x, step.node('Add', [erf, step.scalar(1)])]), half]);
}

function softplus(step: Writing): Named {
  const beta = step.number('beta');
  const threshold = step.number('threshold');
  const scaled = beta === 1 ? step.x : step.node('Mul', [step.x, step.scalar(beta)]);
  const soft = step.node('Softplus', [scaled]);
  const y = beta === 1 ? soft : step.node('Div', [soft, step.scalar(beta)]);
  // Above 20 the bend is less than float32 shows.
  if (threshold >= 20) return y;
  return step.node('Where', [step.condition('Greater', scaled, step.scalar(threshold)), step.x, y], {}, FLOAT);
}

/** log u·x / (u − 1) with u = 1 + x rounded, which takes back the error of the rounding; x where u is 1. */
function log1p(step: Writing): Named {
  const { x } = step;
  const one = step.scalar(1);
  const u = step.node('Add', [x, one]);
  const corrected = step.node('Div', [x, step.node('Sub', [u, one])]);
  const y = step.node('Mul', [step.node('Log', [u]), corrected]);
  return step.node('Where', [step.condition('Equal', u, one), x, y], {}, FLOAT);
}

function cast(step: Writing): Named {
  const { graph, output } = step;
  const to = output.dtype;
  const value = step.raw;
  // A mask that becomes bytes stays the ones and zeros it is.
  if (value.type === BOOL && to === 'uint8') return value;
  if (to !== 'uint8') return graph.cast(value, to);
  // Out of their range, bytes are another number in each runtime: lanewise refuses such numbers.
  return step.node(
    'Cast',
    [value.type === INT32 ? value : step.node('Cast', [value], { to: INT32 }, INT32)],
    { to: UINT8 },
    UINT8,
  );
}

export const elementwise: Writers = {
  add: binary('Add'),
  sub: binary('Sub'),
  mul: binary('Mul'),
  div: binary('Div'),
  pow: binary('Pow'),
  maximum: binary('Max'),
  minimum: binary('Min'),
  addRelu: (step) => step.node('Relu', [binary('Add')(step)]),
  eq: comparison('Equal'),
  lt: comparison('Less'),
  le: comparison('LessOrEqual'),
  ne: (step) => step.node('Not', [comparison('Equal')(step)]),
  where: (step) =>
    step.node(
      'Where',
      [step.graph.mask(step.part('mask')!), ...operands(step, step.output.dtype)],
      {},
      step.output.dtype === 'int32' ? INT32 : 1,
    ),
  cast,
  abs: unary('Abs'),
  neg: unary('Neg'),
  exp: unary('Exp'),
  log: unary('Log'),
  log1p,
  sin: unary('Sin'),
  cos: unary('Cos'),
  sign: unary('Sign'),
  floor: unary('Floor'),
  ceil: unary('Ceil'),
  round: unary('Round'),
  sqrt: unary('Sqrt'),
  relu: unary('Relu'),
  tanh: unary('Tanh'),
  sigmoid: unary('Sigmoid'),
  reciprocal: unary('Reciprocal'),
  rsqrt: (step) => step.node('Reciprocal', [step.node('Sqrt', [step.x])]),
  square: (step) => step.node('Mul', [step.x, step.x]),
  cube: (step) => step.node('Mul', [step.node('Mul', [step.x, step.x]), step.x]),
  silu: (step) => step.node('Mul', [step.x, step.node('Sigmoid', [step.x])]),
  softplus,
  gelu,
  clamp,
  elu: (step) => step.node('Elu', [step.x], { alpha: float(step.number('alpha')) }),
  leakyRelu: (step) => step.node('LeakyRelu', [step.x], { alpha: float(step.number('negativeSlope')) }),
};
