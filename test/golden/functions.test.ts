import {
  type Axes,
  all,
  any,
  ceil,
  cos,
  cosineSimilarity,
  floor,
  isfinite,
  isnan,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  maskedFill,
  normalize,
  round,
  sign,
  sin,
  type Tensor,
  tril,
  triu,
} from '../../src/index.js';
import { type Run, testOperations } from './support.js';

const unary =
  (f: (x: Tensor) => Tensor): Run =>
  ([x]) =>
    f(x!);
const binary =
  (f: (a: Tensor, b: Tensor) => Tensor): Run =>
  ([a, b]) =>
    f(a!, b!);
const over =
  (f: typeof any): Run<{ axes?: Axes; keepDim?: boolean }> =>
  ([x], { axes, ...options }) =>
    f(x!, axes, options);
const triangle =
  (f: typeof tril): Run<{ diagonal?: number }> =>
  ([x], options) =>
    f(x!, options);

const runs = {
  sin: unary(sin),
  cos: unary(cos),
  log1p: unary(log1p),
  floor: unary(floor),
  ceil: unary(ceil),
  round: unary(round),
  sign: unary(sign),
  isnan: unary(isnan),
  isfinite: unary(isfinite),
  logicalNot: unary(logicalNot),
  logicalAnd: binary(logicalAnd),
  logicalOr: binary(logicalOr),
  logicalXor: binary(logicalXor),
  any: over(any),
  all: over(all),
  maskedFill: ([x, mask], { value }: { value: number | string }) => maskedFill(x!, mask!, Number(value)),
  tril: triangle(tril),
  triu: triangle(triu),
  normalize: ([x], options: { p?: number; axis?: number; eps?: number }) => normalize(x!, options),
  cosineSimilarity: ([a, b], options: { axis?: number }) => cosineSimilarity(a!, b!, options),
} satisfies Record<string, Run>;

// A few roundings of each element; of numbers of the size of the largest one, where terms cancel.
testOperations('functions', runs, { ofEach: 1e-6, absolute: 3e-7, ofLargest: 3e-7 });
