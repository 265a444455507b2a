import {
  abs,
  add,
  cast,
  clamp,
  type DType,
  div,
  elu,
  eq,
  exp,
  ge,
  gelu,
  gt,
  le,
  leakyRelu,
  log,
  lt,
  maximum,
  minimum,
  mul,
  ne,
  neg,
  pow,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  silu,
  softplus,
  sqrt,
  square,
  sub,
  type Tensor,
  tanh,
  where,
} from '../../src/index.js';
import { type Run, testOperations } from './support.js';

type Scalar = { scalar?: number };
const binary =
  (f: (a: Tensor, b: Tensor | number) => Tensor): Run<Scalar> =>
  ([a, b], { scalar }) =>
    f(a!, scalar ?? b!);
const unary =
  (f: (x: Tensor) => Tensor): Run =>
  ([x]) =>
    f(x!);

const runs = {
  neg: unary(neg),
  abs: unary(abs),
  exp: unary(exp),
  log: unary(log),
  sqrt: unary(sqrt),
  rsqrt: unary(rsqrt),
  square: unary(square),
  reciprocal: unary(reciprocal),
  sigmoid: unary(sigmoid),
  tanh: unary(tanh),
  relu: unary(relu),
  silu: unary(silu),
  leakyRelu: ([x], { negativeSlope }: { negativeSlope?: number }) => leakyRelu(x!, negativeSlope),
  elu: ([x], { alpha }: { alpha?: number }) => elu(x!, alpha),
  gelu: ([x], options: { approximate?: 'tanh' }) => gelu(x!, options),
  softplus: ([x], options: { beta?: number; threshold?: number }) => softplus(x!, options),
  clamp: ([x], options: { min?: number; max?: number }) => clamp(x!, options),
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  div: binary(div),
  pow: binary(pow),
  maximum: binary(maximum),
  minimum: binary(minimum),
  gt: binary(gt),
  ge: binary(ge),
  lt: binary(lt),
  le: binary(le),
  eq: binary(eq),
  ne: binary(ne),
  cast: ([x], { dtype }: { dtype: DType }) => cast(x!, dtype),
  where: ([mask, a, b]) => where(mask!, a!, b!),
} satisfies Record<string, Run>;

// Each element by itself, to a few roundings; numbers that come from terms of the size of 1 which cancel, to one
// rounding of these. Where an input was broadcast its gradient is a sum, as good as its largest terms are.
testOperations('elementwise', runs, ({ inputs }) => ({
  ofEach: 5e-7,
  absolute: 1e-7,
  ofLargest: inputs.length > 1 ? 2e-7 : 0,
}));
