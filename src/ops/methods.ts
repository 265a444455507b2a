/** The operations that are tensor methods too: each only forwards to the function of the same name. */
import type { DType } from '../tensor/dtype.js';
import type { Shape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { abs } from './abs.js';
import { broadcastTo } from './broadcast.js';
import { clamp, type ClampOptions } from './clamp.js';
import { eq, ge, gt, le, lt, ne } from './compare.js';
import { maximum, minimum } from './extremes.js';
import { pow } from './pow.js';
import { relu } from './relu.js';
import { sigmoid } from './sigmoid.js';
import { rsqrt, sqrt } from './sqrt.js';
import { reciprocal } from './reciprocal.js';
import { square } from './square.js';
import { tanh } from './tanh.js';
import { where } from './where.js';
import { add, div, mul, sub } from './arithmetic.js';
import type { Operand } from './binary.js';
import { cast } from './cast.js';
import { exp } from './exp.js';
import { argmax, argmin, max, min } from './max.js';
import { flip } from './flip.js';
import type { Axes, ReduceOptions } from './fold.js';
import { gather } from './gather.js';
import { matmul } from './matmul.js';
import { log } from './log.js';
import { logSumExp } from './logSumExp.js';
import { neg } from './neg.js';
import { norm, type NormOptions } from './norm.js';
import { pad } from './pad.js';
import { permute, transpose } from './permute.js';
import { prod } from './prod.js';
import { expand, repeat } from './repeat.js';
import { flatten, reshape, squeeze, unsqueeze, type FlattenOptions } from './reshape.js';
import { select, slice, split, type SliceOptions } from './slice.js';
import { logSoftmax, softmax } from './softmax.js';
import { mean, sum } from './sum.js';
import { std, variance, type VarianceOptions } from './variance.js';

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

Tensor.prototype.to = function (dtype) { return cast(this, dtype); };
Tensor.prototype.float = function () { return cast(this, 'float32'); };
Tensor.prototype.int = function () { return cast(this, 'int32'); };
Tensor.prototype.add = function (other) { return add(this, other); };
Tensor.prototype.sub = function (other) { return sub(this, other); };
Tensor.prototype.mul = function (other) { return mul(this, other); };
Tensor.prototype.div = function (other) { return div(this, other); };
Tensor.prototype.pow = function (exponent) { return pow(this, exponent); };
Tensor.prototype.maximum = function (other) { return maximum(this, other); };
Tensor.prototype.minimum = function (other) { return minimum(this, other); };
Tensor.prototype.eq = function (other) { return eq(this, other); };
Tensor.prototype.ne = function (other) { return ne(this, other); };
Tensor.prototype.lt = function (other) { return lt(this, other); };
Tensor.prototype.le = function (other) { return le(this, other); };
Tensor.prototype.gt = function (other) { return gt(this, other); };
Tensor.prototype.ge = function (other) { return ge(this, other); };
Tensor.prototype.where = function (mask, other) { return where(mask, this, other); };
Tensor.prototype.clamp = function (options) { return clamp(this, options); };
Tensor.prototype.broadcastTo = function (shape) { return broadcastTo(this, shape); };
Tensor.prototype.neg = function () { return neg(this); };
Tensor.prototype.abs = function () { return abs(this); };
Tensor.prototype.exp = function () { return exp(this); };
Tensor.prototype.log = function () { return log(this); };
Tensor.prototype.sqrt = function () { return sqrt(this); };
Tensor.prototype.rsqrt = function () { return rsqrt(this); };
Tensor.prototype.square = function () { return square(this); };
Tensor.prototype.reciprocal = function () { return reciprocal(this); };
Tensor.prototype.relu = function () { return relu(this); };
Tensor.prototype.sigmoid = function () { return sigmoid(this); };
Tensor.prototype.tanh = function () { return tanh(this); };

// ---- Movement ----

declare module '../tensor/tensor.js' {
  interface Tensor {
    /** See {@link reshape}. */
    reshape(shape: Shape): Tensor;
    /** See {@link flatten}. */
    flatten(options?: FlattenOptions): Tensor;
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
    pad(padding: readonly number[], value?: number): Tensor;
    /** See {@link flip}. */
    flip(axes?: number | readonly number[]): Tensor;
    /** See {@link repeat}. */
    repeat(counts: readonly number[]): Tensor;
    /** See {@link expand}. */
    expand(shape: Shape): Tensor;
    /** See {@link gather}. */
    gather(axis: number, index: Tensor): Tensor;
  }
}

Tensor.prototype.reshape = function (shape) { return reshape(this, shape); };
Tensor.prototype.flatten = function (options) { return flatten(this, options); };
Tensor.prototype.squeeze = function (axes) { return squeeze(this, axes); };
Tensor.prototype.unsqueeze = function (axis) { return unsqueeze(this, axis); };
Tensor.prototype.permute = function (order) { return permute(this, order); };
Tensor.prototype.transpose = function (axisA, axisB) { return transpose(this, axisA, axisB); };
Tensor.prototype.slice = function (start, end, options) { return slice(this, start, end, options); };
Tensor.prototype.select = function (axis, index) { return select(this, axis, index); };
Tensor.prototype.split = function (size, axis) { return split(this, size, axis); };
Tensor.prototype.pad = function (padding, value) { return pad(this, padding, value); };
Tensor.prototype.flip = function (axes) { return flip(this, axes); };
Tensor.prototype.repeat = function (counts) { return repeat(this, counts); };
Tensor.prototype.expand = function (shape) { return expand(this, shape); };
Tensor.prototype.gather = function (axis, index) { return gather(this, axis, index); };

// ---- Matrix product ----

declare module '../tensor/tensor.js' {
  interface Tensor {
    /** See {@link matmul}. */
    matmul(b: Tensor): Tensor;
  }
}

Tensor.prototype.matmul = function (b) { return matmul(this, b); };

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
    /** See {@link prod}. */
    prod(axes?: Axes, options?: ReduceOptions): Tensor;
    /** See {@link norm}. */
    norm(axes?: Axes, options?: NormOptions): Tensor;
    /** See {@link logSumExp}. */
    logSumExp(axes?: Axes, options?: ReduceOptions): Tensor;
    /** See {@link softmax}. */
    softmax(axis?: number): Tensor;
    /** See {@link logSoftmax}. */
    logSoftmax(axis?: number): Tensor;
  }
}

Tensor.prototype.sum = function (axes, options) { return sum(this, axes, options); };
Tensor.prototype.mean = function (axes, options) { return mean(this, axes, options); };
Tensor.prototype.var = function (axes, options) { return variance(this, axes, options); };
Tensor.prototype.std = function (axes, options) { return std(this, axes, options); };
Tensor.prototype.max = function (axes, options) { return max(this, axes, options); };
Tensor.prototype.min = function (axes, options) { return min(this, axes, options); };
Tensor.prototype.argmax = function (axis, options) { return argmax(this, axis, options); };
Tensor.prototype.argmin = function (axis, options) { return argmin(this, axis, options); };
Tensor.prototype.prod = function (axes, options) { return prod(this, axes, options); };
Tensor.prototype.norm = function (axes, options) { return norm(this, axes, options); };
Tensor.prototype.logSumExp = function (axes, options) { return logSumExp(this, axes, options); };
Tensor.prototype.softmax = function (axis) { return softmax(this, axis); };
Tensor.prototype.logSoftmax = function (axis) { return logSoftmax(this, axis); };
