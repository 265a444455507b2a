/** The operations that are tensor methods too: each only forwards to the function of the same name. */
import type { DType } from '../tensor/dtype.js';
import type { Shape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { abs } from './elementwise/abs.js';
import { add, div, mul, sub } from './elementwise/arithmetic.js';
import type { Operand } from './elementwise/binary.js';
import { broadcastTo } from './elementwise/broadcast.js';
import { cast } from './elementwise/cast.js';
import { type ClampOptions, clamp } from './elementwise/clamp.js';
import { eq, ge, gt, le, lt, ne } from './elementwise/compare.js';
import { exp } from './elementwise/exp.js';
import { maximum, minimum } from './elementwise/extremes.js';
import { log, log1p } from './elementwise/log.js';
import { isfinite, isnan, logicalAnd, logicalNot, logicalOr, logicalXor } from './elementwise/logical.js';
import { neg } from './elementwise/neg.js';
import { pow } from './elementwise/pow.js';
import { reciprocal } from './elementwise/reciprocal.js';
import { relu } from './elementwise/relu.js';
import { ceil, floor, round, sign } from './elementwise/rounding.js';
import { sigmoid } from './elementwise/sigmoid.js';
import { cos, sin } from './elementwise/sin.js';
import { rsqrt, sqrt } from './elementwise/sqrt.js';
import { square } from './elementwise/square.js';
import { tanh } from './elementwise/tanh.js';
import { maskedFill, where } from './elementwise/where.js';
import { matmul } from './gemm/matmul.js';
import { outer } from './gemm/outer.js';
import { chunk, unbind } from './movement/chunk.js';
import { clone } from './movement/clone.js';
import { diag } from './movement/diag.js';
import { flip } from './movement/flip.js';
import { gather } from './movement/gather.js';
import { indexSelect } from './movement/indexSelect.js';
import { type PadOptions, pad } from './movement/pad.js';
import { permute, transpose } from './movement/permute.js';
import { expand, repeat } from './movement/repeat.js';
import { type FlattenOptions, flatten, reshape, squeeze, unflatten, unsqueeze } from './movement/reshape.js';
import { roll } from './movement/roll.js';
import { scatter, scatterAdd } from './movement/scatter.js';
import { type SliceOptions, select, slice, split } from './movement/slice.js';
import { type TriangleOptions, tril, triu } from './movement/triangle.js';
import { type MultinomialOptions, multinomial } from './random/multinomial.js';
import { type AllcloseOptions, all, allclose, any } from './reduce/any.js';
import { cumsum } from './reduce/cumsum.js';
import type { Axes, ReduceOptions } from './reduce/fold.js';
import { logSumExp } from './reduce/logSumExp.js';
import { argmax, argmin, max, min } from './reduce/max.js';
import { type NormOptions, norm } from './reduce/norm.js';
import { prod } from './reduce/prod.js';
import { logSoftmax, softmax } from './reduce/softmax.js';
import { argsort, type Sorted, type SortOptions, sort, type TopkOptions, topk } from './reduce/sort.js';
import { mean, sum } from './reduce/sum.js';
import { std, type VarianceOptions, variance } from './reduce/variance.js';

// ---- Element by element ----

declare module '../tensor/tensor.js' {
  interface Tensor {
    /** The elements as another type. See {@link cast}. */
    to(dtype: DType): Tensor;
    /** `to('float32')` */
    float(): Tensor;
    /** `to('int32')` */
    int(): Tensor;
    /** this + other */
    add(other: Operand): Tensor;
    /** this − other */
    sub(other: Operand): Tensor;
    /** this·other, element by element */
    mul(other: Operand): Tensor;
    /** this / other */
    div(other: Operand): Tensor;
    /** See {@link pow}. */
    pow(exponent: Operand): Tensor;
    /** See {@link maximum}. */
    maximum(other: Operand): Tensor;
    /** See {@link minimum}. */
    minimum(other: Operand): Tensor;
    /** Mask of this = other. */
    eq(other: Operand): Tensor;
    /** Mask of this ≠ other. */
    ne(other: Operand): Tensor;
    /** Mask of this < other. */
    lt(other: Operand): Tensor;
    /** Mask of this ≤ other. */
    le(other: Operand): Tensor;
    /** Mask of this > other. */
    gt(other: Operand): Tensor;
    /** Mask of this ≥ other. */
    ge(other: Operand): Tensor;
    /** This where the mask is set, `other` elsewhere. See {@link where}. */
    where(mask: Tensor, other: Operand): Tensor;
    /** See {@link maskedFill}. */
    maskedFill(mask: Tensor, value: Operand): Tensor;
    /** See {@link logicalAnd}. */
    logicalAnd(other: Operand): Tensor;
    /** See {@link logicalOr}. */
    logicalOr(other: Operand): Tensor;
    /** See {@link logicalXor}. */
    logicalXor(other: Operand): Tensor;
    /** Mask of the elements that are 0. */
    logicalNot(): Tensor;
    /** Mask of the elements that are NaN. */
    isnan(): Tensor;
    /** Mask of the elements that are neither NaN nor ±∞. */
    isfinite(): Tensor;
    /** See {@link allclose}. */
    allclose(other: Tensor, options?: AllcloseOptions): boolean;
    /** See {@link clamp}. */
    clamp(options: ClampOptions): Tensor;
    /** See {@link broadcastTo}. */
    broadcastTo(shape: Shape): Tensor;
    /** −this */
    neg(): Tensor;
    /** |this| */
    abs(): Tensor;
    /** e to the power of this */
    exp(): Tensor;
    /** The natural logarithm. */
    log(): Tensor;
    /** log(1 + this) */
    log1p(): Tensor;
    /** The sine. */
    sin(): Tensor;
    /** The cosine. */
    cos(): Tensor;
    /** −1, 0 or 1. */
    sign(): Tensor;
    /** The largest integer ≤ this. */
    floor(): Tensor;
    /** The smallest integer ≥ this. */
    ceil(): Tensor;
    /** The nearest integer, the even one of two. */
    round(): Tensor;
    /** √this */
    sqrt(): Tensor;
    /** 1 / √this */
    rsqrt(): Tensor;
    /** this² */
    square(): Tensor;
    /** 1 / this */
    reciprocal(): Tensor;
    /** max(this, 0). See {@link relu}. */
    relu(): Tensor;
    /** 1 / (1 + e^−this) */
    sigmoid(): Tensor;
    /** The hyperbolic tangent. */
    tanh(): Tensor;
  }
}

// ---- Movement ----

declare module '../tensor/tensor.js' {
  interface Tensor {
    /** See {@link reshape}. */
    reshape(shape: Shape): Tensor;
    /** See {@link flatten}. */
    flatten(options?: FlattenOptions): Tensor;
    /** See {@link unflatten}. */
    unflatten(axis: number, sizes: Shape): Tensor;
    /** See {@link squeeze}. */
    squeeze(axes?: number | readonly number[]): Tensor;
    /** See {@link unsqueeze}. */
    unsqueeze(axis: number): Tensor;
    /** See {@link permute}. */
    permute(order: readonly number[]): Tensor;
    /** See {@link transpose}. */
    transpose(axisA?: number, axisB?: number): Tensor;
    /** See {@link slice}. */
    slice(start: number, end?: number, options?: SliceOptions): Tensor;
    /** See {@link select}. */
    select(axis: number, index: number): Tensor;
    /** See {@link split}. */
    split(size: number | readonly number[], axis?: number): Tensor[];
    /** See {@link pad}. */
    pad(padding: readonly number[], options?: number | PadOptions): Tensor;
    /** See {@link tril}. */
    tril(options?: TriangleOptions): Tensor;
    /** See {@link triu}. */
    triu(options?: TriangleOptions): Tensor;
    /** See {@link flip}. */
    flip(axes?: number | readonly number[]): Tensor;
    /** See {@link repeat}. */
    repeat(counts: readonly number[]): Tensor;
    /** See {@link expand}. */
    expand(shape: Shape): Tensor;
    /** See {@link gather}. */
    gather(axis: number, index: Tensor): Tensor;
    /** See {@link indexSelect}. */
    indexSelect(axis: number, index: Tensor): Tensor;
    /** See {@link scatter}. */
    scatter(axis: number, index: Tensor, src: Tensor | number): Tensor;
    /** See {@link scatterAdd}. */
    scatterAdd(axis: number, index: Tensor, src: Tensor): Tensor;
    /** See {@link clone}. */
    clone(): Tensor;
    /** See {@link chunk}. */
    chunk(chunks: number, axis?: number): Tensor[];
    /** See {@link unbind}. */
    unbind(axis?: number): Tensor[];
    /** See {@link roll}. */
    roll(shifts: number | readonly number[], axes?: number | readonly number[]): Tensor;
    /** See {@link diag}. */
    diag(diagonal?: number): Tensor;
  }
}

// ---- Matrix product ----

declare module '../tensor/tensor.js' {
  interface Tensor {
    /** See {@link matmul}. */
    matmul(b: Tensor): Tensor;
    /** See {@link outer}. */
    outer(b: Tensor): Tensor;
  }
}

// ---- Reductions ----

declare module '../tensor/tensor.js' {
  interface Tensor {
    /** See {@link sum}. */
    sum(axes?: Axes, options?: ReduceOptions): Tensor;
    /** See {@link mean}. */
    mean(axes?: Axes, options?: ReduceOptions): Tensor;
    /** See {@link variance}. */
    var(axes?: Axes, options?: VarianceOptions): Tensor;
    /** See {@link std}. */
    std(axes?: Axes, options?: VarianceOptions): Tensor;
    /** See {@link max}. */
    max(axes?: Axes, options?: ReduceOptions): Tensor;
    /** See {@link min}. */
    min(axes?: Axes, options?: ReduceOptions): Tensor;
    /** See {@link argmax}. */
    argmax(axis?: number, options?: ReduceOptions): Tensor;
    /** See {@link argmin}. */
    argmin(axis?: number, options?: ReduceOptions): Tensor;
    /** See {@link any}. */
    any(axes?: Axes, options?: ReduceOptions): Tensor;
    /** See {@link all}. */
    all(axes?: Axes, options?: ReduceOptions): Tensor;
    /** See {@link prod}. */
    prod(axes?: Axes, options?: ReduceOptions): Tensor;
    /** See {@link norm}. */
    norm(axes?: readonly number[], options?: NormOptions): Tensor;
    /** See {@link logSumExp}. */
    logSumExp(axes?: Axes, options?: ReduceOptions): Tensor;
    /** See {@link softmax}. */
    softmax(axis?: number): Tensor;
    /** See {@link logSoftmax}. */
    logSoftmax(axis?: number): Tensor;
    /** See {@link multinomial}. */
    multinomial(numSamples: number, options?: MultinomialOptions): Tensor;
    /** See {@link cumsum}. */
    cumsum(axis: number): Tensor;
    /** See {@link sort}. */
    sort(axis?: number, options?: SortOptions): Sorted;
    /** See {@link argsort}. */
    argsort(axis?: number, options?: SortOptions): Tensor;
    /** See {@link topk}. */
    topk(k: number, axis?: number, options?: TopkOptions): Sorted;
  }
}

/** The operations that are methods of the same arguments behind the tensor, by the name of the method. */
const METHODS = {
  to: cast,
  add,
  sub,
  mul,
  div,
  pow,
  maximum,
  minimum,
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  maskedFill,
  logicalAnd,
  logicalOr,
  logicalXor,
  logicalNot,
  isnan,
  isfinite,
  allclose,
  clamp,
  broadcastTo,
  neg,
  abs,
  exp,
  log,
  log1p,
  sin,
  cos,
  sign,
  floor,
  ceil,
  round,
  sqrt,
  rsqrt,
  square,
  reciprocal,
  relu,
  sigmoid,
  tanh,
  reshape,
  flatten,
  unflatten,
  squeeze,
  unsqueeze,
  permute,
  transpose,
  slice,
  select,
  split,
  pad,
  tril,
  triu,
  flip,
  repeat,
  expand,
  gather,
  indexSelect,
  scatter,
  scatterAdd,
  clone,
  chunk,
  unbind,
  roll,
  diag,
  matmul,
  outer,
  sum,
  mean,
  var: variance,
  std,
  max,
  min,
  argmax,
  argmin,
  any,
  all,
  prod,
  norm,
  logSumExp,
  softmax,
  logSoftmax,
  multinomial,
  cumsum,
  sort,
  argsort,
  topk,
};

for (const [name, operation] of Object.entries(METHODS) as [string, (x: Tensor, ...args: unknown[]) => unknown][]) {
  // None takes more than three arguments; fixed ones are faster to pass on than a list.
  Object.assign(Tensor.prototype, {
    [name](this: Tensor, a: unknown, b: unknown, c: unknown) {
      return operation(this, a, b, c);
    },
  });
}

Tensor.prototype.float = function () {
  return cast(this, 'float32');
};
Tensor.prototype.int = function () {
  return cast(this, 'int32');
};
Tensor.prototype.where = function (mask, other) {
  return where(mask, this, other);
};
