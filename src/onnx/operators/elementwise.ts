/** Operators that work element by element. */

import type { Operand } from '../../ops/index.js';
import * as ops from '../../ops/index.js';
import type { Tensor } from '../../tensor/tensor.js';
import { BOOL, isFloat } from '../elements.js';
import { Value } from '../values.js';
import type { Attributes, Call, Operator, Operators } from './call.js';
import { allKnown, combineNumbers } from './host.js';

type Binary = (a: Operand, b: Operand) => Tensor;

/** Numbers stay numbers; two of them need no tensor. */
function binary(op: Binary | null, numbers: (a: number, b: number) => number): Operator {
  return {
    takes: ['number'],
    run(call) {
      const [a, b] = [call.input(0), call.input(1)];
      // Only these are exact in JavaScript as they are in a kernel.
      if (allKnown([a, b]) || (op === null && !isFloat(a.type))) return combineNumbers(call, [a, b], a.type, numbers);
      return Value.of((op ?? ops.div)(a.operand, b.operand), a.type);
    },
  };
}

function unary(op: (x: Tensor, call: Call) => Tensor, untrained?: readonly number[]): Operator {
  return {
    takes: ['float'],
    run: (call) => Value.of(op(call.x.tensor, call), call.x.type),
    ...(untrained !== undefined && { untrained }),
  };
}

/** As `unary`, for integers too, and for numbers. */
function simple(op: (x: Tensor) => Tensor, numbers: (x: number) => number): Operator {
  return {
    takes: ['number'],
    run(call) {
      const { x } = call;
      if (x.isKnown) return combineNumbers(call, [x], x.type, numbers);
      return Value.of(op(x.tensor), x.type);
    },
  };
}

function comparison(op: Binary, numbers: (a: number, b: number) => boolean): Operator {
  return {
    takes: ['known'],
    gives: () => BOOL,
    run(call) {
      const [a, b] = [call.input(0), call.input(1)];
      if (allKnown([a, b])) return combineNumbers(call, [a, b], BOOL, (x, y) => Number(numbers(x, y)));
      return Value.of(op(a.operand, b.operand), BOOL);
    },
  };
}

function logic(op: (a: Tensor, b: Tensor) => Tensor, numbers: (a: number, b: number) => boolean): Operator {
  return {
    takes: ['bool'],
    gives: () => BOOL,
    run(call) {
      const [a, b] = [call.input(0), call.input(1)];
      if (allKnown([a, b])) return combineNumbers(call, [a, b], BOOL, (x, y) => Number(numbers(x, y)));
      return Value.of(op(a.tensor, b.tensor), BOOL);
    },
  };
}

/** Any number of inputs, folded from the first on. */
function variadic(op: Binary, numbers: (a: number, b: number) => number, mean = false): Operator {
  return {
    takes: ['number'],
    run(call) {
      const inputs = call.inputs.map((_, i) => call.input(i));
      const first = call.x;
      if (allKnown(inputs) && !mean) return combineNumbers(call, inputs, first.type, (...all) => all.reduce(numbers));
      const total = inputs.slice(1).reduce<Operand>((sum, value) => op(sum, value.operand), first.tensor) as Tensor;
      return Value.of(mean && inputs.length > 1 ? ops.div(total, inputs.length) : total, first.type);
    },
  };
}

/** The nearest integer, the even one of two. */
const toEven = (x: number): number => {
  const whole = Math.round(x);
  return whole - x === 0.5 && whole % 2 !== 0 ? whole - 1 : whole;
};

/** Coefficients of erf(x)/x in x², by its Taylor series: (−1)ⁿ·2/(√π·n!·(2n + 1)). */
const ERF = Array.from({ length: 14 }, (_, n) => {
  let factorial = 1;
  for (let k = 2; k <= n; k++) factorial *= k;
  return ((n % 2 === 0 ? 1 : -1) * 2) / (Math.sqrt(Math.PI) * factorial * (2 * n + 1));
});

/** erf(x) = 2Φ(x·√2) − 1: of gelu(x) = x·Φ(x) away from 0, by its series near it, where that difference cancels. */
function erf(x: Tensor): Tensor {
  const near = ops.clamp(x, { min: -1, max: 1 });
  const square = ops.square(near);
  const series = ops.mul(
    near,
    ERF.toReversed().reduce<Operand>((sum, coefficient) => ops.add(ops.mul(sum, square), coefficient), 0),
  );
  const isNear = ops.lt(ops.abs(x), 1);
  const far = ops.mul(ops.where(isNear, 1, x), Math.SQRT2);
  const magnitude = ops.abs(far);
  const positive = ops.sub(1, ops.mul(ops.div(ops.gelu(ops.neg(magnitude)), ops.neg(magnitude)), 2));
  const outer = ops.mul(ops.where(ops.lt(x, 0), -1, 1), positive);
  return ops.where(isNear, series, outer);
}

function clip(call: Call): Value {
  const { x } = call;
  const [low, high] = call.opset < 11 ? [undefined, undefined] : [call.optional(1), call.optional(2)];
  if (!isFloat(x.type) || (low !== undefined && !low.isKnown) || (high !== undefined && !high.isKnown)) {
    let y: Operand = x.tensor;
    if (low !== undefined) y = ops.maximum(y, low.operand);
    if (high !== undefined) y = ops.minimum(y, high.operand);
    return Value.of(y, x.type);
  }
  const min = low?.number ?? (call.has('min') ? call.float('min', 0) : undefined);
  const max = high?.number ?? (call.has('max') ? call.float('max', 0) : undefined);
  if (min === undefined && max === undefined) return x;
  return Value.of(
    ops.clamp(x.tensor, { ...(min !== undefined && { min }), ...(max !== undefined && { max }) }),
    x.type,
  );
}

function power(call: Call): Value {
  const [base, exponent] = [call.x, call.input(1)];
  if (!isFloat(base.type)) {
    return combineNumbers(call, [base, exponent], base.type, (a, b) => Math.trunc(a ** b));
  }
  const single = exponent.isKnown && exponent.size === 1 && exponent.shape.length <= base.shape.length;
  return Value.of(ops.pow(base.operand, single ? exponent.number : exponent.operand), base.type);
}

const remainder = (a: number, b: number): number => a - b * Math.floor(a / b);

const hardSigmoid = (x: Tensor, alpha: number, beta: number): Tensor =>
  ops.clamp(ops.add(ops.mul(x, alpha), beta), { min: 0, max: 1 });

const ONE_TYPE = (_: Attributes, types: readonly (number | undefined)[]) => types[1];

const GELU = unary((x, call) =>
  ops.gelu(x, { approximate: call.text('approximate', 'none') === 'tanh' ? 'tanh' : 'none' }),
);

export const elementwise: Operators = {
  Add: binary(ops.add, (a, b) => a + b),
  Sub: binary(ops.sub, (a, b) => a - b),
  Mul: binary(ops.mul, (a, b) => a * b),
  // Of integers: towards zero.
  Div: {
    takes: ['number'],
    run(call) {
      const [a, b] = [call.input(0), call.input(1)];
      if (isFloat(a.type) && !allKnown([a, b])) return Value.of(ops.div(a.operand, b.operand), a.type);
      return combineNumbers(call, [a, b], a.type, (x, y) => (isFloat(a.type) ? x / y : Math.trunc(x / y)));
    },
  },
  Mod: {
    takes: ['number'],
    since: 10,
    refuse: () => undefined,
    run(call) {
      const [a, b] = [call.input(0), call.input(1)];
      return combineNumbers(call, [a, b], a.type, call.flag('fmod') ? (x, y) => x % y : remainder);
    },
  },
  Pow: { takes: ['number'], untrained: [1], run: power },
  Abs: simple(ops.abs, Math.abs),
  Neg: simple(ops.neg, (x) => -x),
  Sqrt: {
    takes: ['float'],
    run: (call) =>
      call.x.isKnown
        ? combineNumbers(call, [call.x], call.x.type, Math.sqrt)
        : Value.of(ops.sqrt(call.x.tensor), call.x.type),
  },
  Exp: unary(ops.exp),
  Log: unary(ops.log),
  Reciprocal: unary(ops.reciprocal),
  Relu: simple(
    (x) => (x.dtype === 'float32' ? ops.relu(x) : ops.maximum(x, 0)),
    (x) => Math.max(x, 0),
  ),
  Sigmoid: unary(ops.sigmoid),
  Tanh: unary(ops.tanh),
  Softplus: unary((x) => ops.softplus(x)),
  Softsign: unary((x) => ops.div(x, ops.add(ops.abs(x), 1))),
  Erf: { ...unary(erf), since: 9 },
  Elu: unary((x, call) => ops.elu(x, call.float('alpha', 1))),
  Celu: {
    ...unary((x, call) => {
      const alpha = call.float('alpha', 1);
      return ops.where(ops.gt(x, 0), x, ops.mul(ops.elu(ops.div(x, alpha)), alpha));
    }),
    since: 12,
  },
  Selu: unary((x, call) => {
    const alpha = call.float('alpha', 1.6732632423543772);
    return ops.mul(ops.elu(x, alpha), call.float('gamma', 1.0507009873554805));
  }),
  LeakyRelu: unary((x, call) => ops.leakyRelu(x, call.float('alpha', 0.01))),
  ThresholdedRelu: {
    ...unary((x, call) => ops.where(ops.gt(x, call.float('alpha', 1)), x, 0)),
    since: 10,
  },
  HardSigmoid: unary((x, call) => hardSigmoid(x, call.float('alpha', 0.2), call.float('beta', 0.5))),
  HardSwish: { ...unary(ops.hardswish), since: 14 },
  Mish: { ...unary(ops.mish), since: 18 },
  Gelu: { ...GELU, since: 20 },
  'lanewise.Gelu': GELU,
  PRelu: {
    takes: ['float'],
    run(call) {
      const { tensor } = call.x;
      const positive = ops.relu(tensor);
      return Value.of(ops.add(positive, ops.mul(call.input(1).tensor, ops.sub(tensor, positive))), call.x.type);
    },
  },
  Shrink: {
    ...unary((x, call) => {
      const [lambda, bias] = [call.float('lambd', 0.5), call.float('bias', 0)];
      return ops.where(ops.lt(x, -lambda), ops.add(x, bias), ops.where(ops.gt(x, lambda), ops.sub(x, bias), 0));
    }),
    since: 9,
  },
  Sin: unary(ops.sin),
  Cos: unary(ops.cos),
  Tan: unary((x) => ops.div(ops.sin(x), ops.cos(x))),
  Cosh: { ...unary(cosh), since: 9 },
  Sinh: { ...unary((x) => ops.mul(ops.tanh(x), cosh(x))), since: 9 },
  Floor: { ...simple(ops.floor, Math.floor), takes: ['float'] },
  Ceil: { ...simple(ops.ceil, Math.ceil), takes: ['float'] },
  Round: { ...simple(ops.round, toEven), since: 11, takes: ['float'] },
  Sign: {
    takes: ['number'],
    since: 9,
    run(call) {
      const { x } = call;
      return isFloat(x.type) && !x.isKnown
        ? Value.of(ops.sign(x.tensor), x.type)
        : combineNumbers(call, [x], x.type, Math.sign);
    },
  },
  IsNaN: { takes: ['float'], since: 9, gives: () => BOOL, run: ({ x }) => Value.of(ops.isnan(x.tensor), BOOL) },
  IsInf: {
    takes: ['float'],
    since: 10,
    gives: () => BOOL,
    run(call) {
      const above = call.flag('detect_positive', true) ? Infinity : NaN;
      const below = call.flag('detect_negative', true) ? -Infinity : NaN;
      const { tensor } = call.x;
      return Value.of(ops.logicalOr(ops.eq(tensor, above), ops.eq(tensor, below)), BOOL);
    },
  },
  Clip: { takes: ['number'], untrained: [1, 2], run: clip },
  Min: variadic(ops.minimum, (a, b) => Math.min(a, b)),
  Max: variadic(ops.maximum, (a, b) => Math.max(a, b)),
  Sum: { ...variadic(ops.add, (a, b) => a + b), takes: ['float'] },
  Mean: { ...variadic(ops.add, (a, b) => a + b, true), takes: ['float'] },
  Equal: comparison(ops.eq, (a, b) => a === b),
  Less: comparison(ops.lt, (a, b) => a < b),
  Greater: comparison(ops.gt, (a, b) => a > b),
  LessOrEqual: { ...comparison(ops.le, (a, b) => a <= b), since: 12 },
  GreaterOrEqual: { ...comparison(ops.ge, (a, b) => a >= b), since: 12 },
  And: logic(ops.logicalAnd, (a, b) => a !== 0 && b !== 0),
  Or: logic(ops.logicalOr, (a, b) => a !== 0 || b !== 0),
  Xor: logic(ops.logicalXor, (a, b) => a !== b),
  Not: {
    takes: ['bool'],
    run: (call) =>
      call.x.isKnown
        ? combineNumbers(call, [call.x], BOOL, (x) => Number(x === 0))
        : Value.of(ops.logicalNot(call.x.tensor), BOOL),
  },
  Where: {
    takes: ['bool', 'known'],
    since: 9,
    gives: ONE_TYPE,
    run(call) {
      const [mask, a, b] = [call.x, call.input(1), call.input(2)];
      if (allKnown([mask, a, b])) return combineNumbers(call, [mask, a, b], a.type, (m, x, y) => (m !== 0 ? x : y));
      return Value.of(ops.where(mask.tensor, a.operand, b.operand), a.type);
    },
  },
};

function cosh(x: Tensor): Tensor {
  return ops.mul(ops.add(ops.exp(x), ops.exp(ops.neg(x))), 0.5);
}
