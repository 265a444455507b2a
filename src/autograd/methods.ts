/** The tensor methods that need the tape. */
import { checkArguments } from '../runtime/arguments.js';
import { AutogradError } from '../runtime/errors.js';
import { Tensor } from '../tensor/tensor.js';
import { type BackwardOptions, backward } from './tape.js';
import { note } from './trace.js';

declare module '../tensor/tensor.js' {
  interface Tensor {
    /** Adds d(this)/d(leaf) to the `grad` of every leaf that this was computed from. See {@link backward}. */
    backward(options?: BackwardOptions): void;
    /** The same elements, cut off from what they were computed by: no gradient flows through. */
    detach(): Tensor;
    /** Lets `backward()` leave a gradient here too, though this is not a leaf. */
    retainGrad(): this;
    /** Sets `requiresGrad` of a leaf. */
    requireGrad(required?: boolean): this;
    /** Frees `grad`, so that the next `backward()` begins a new sum. */
    zeroGrad(): void;
  }
}

Tensor.prototype.backward = function (options) {
  backward(this, options);
};

Tensor.prototype.detach = function () {
  return note('detach', this.alias(this.shape), [this]);
};

Tensor.prototype.retainGrad = function () {
  if (!this.requiresGrad) throw new AutogradError('this tensor requires no gradient', { where: 'retainGrad' });
  this.retainsGrad = this.node !== null;
  return this;
};

Tensor.prototype.requireGrad = function (required = true) {
  checkArguments('x.requireGrad(required=true)', required);
  if (this.node !== null)
    throw new AutogradError('only a leaf can be told whether it requires a gradient', {
      where: 'requireGrad',
      hint: 'use detach() first',
    });
  if (this.dtype !== 'float32')
    throw new AutogradError(`only float32 tensors can require a gradient, not ${this.dtype}`, { where: 'requireGrad' });
  this.requiresGrad = required;
  return this;
};

Tensor.prototype.zeroGrad = function () {
  this.grad?.dispose();
  this.grad = null;
};
