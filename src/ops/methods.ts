/** The operations that are tensor methods too: each only forwards to the function of the same name. */
import type { Shape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { flip } from './flip.js';
import { matmul } from './matmul.js';
import { pad } from './pad.js';
import { permute, transpose } from './permute.js';
import { flatten, reshape, squeeze, unsqueeze, type FlattenOptions } from './reshape.js';
import { select, slice, split, type SliceOptions } from './slice.js';

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

// ---- Matrix product ----

declare module '../tensor/tensor.js' {
  interface Tensor {
    /** See {@link matmul}. */
    matmul(b: Tensor): Tensor;
  }
}

Tensor.prototype.matmul = function (b) { return matmul(this, b); };
