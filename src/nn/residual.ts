import { add } from '../ops/arithmetic.js';
import { ShapeError } from '../runtime/errors.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { Identity } from './identity.js';
import { Module } from './module.js';

/**
 * A block with a way around it.
 *
 * y = body(x) + shortcut(x)
 *
 * Without a shortcut x itself is added; where the body changes the shape, the shortcut must do so too (a 1×1
 * convolution of the same stride).
 *
 * @throws {ShapeError} in `forward`, when the two do not have the same shape
 * @see He et al. 2015, arXiv 1512.03385, eq. 1 and 2
 * @example
 * new nn.Residual(new nn.Sequential(
 *   new nn.Conv2d(16, 16, 3, { padding: 1 }), new nn.BatchNorm2d(16), new nn.ReLU(),
 *   new nn.Conv2d(16, 16, 3, { padding: 1 }), new nn.BatchNorm2d(16)));
 */
export class Residual extends Module {
  constructor(readonly body: Module, readonly shortcut: Module = new Identity()) {
    super();
  }

  forward(x: Tensor): Tensor {
    return this.join(x, add);
  }

  /** Both ways through the block, and `meet` where they meet. @internal */
  join(x: Tensor, meet: (main: Tensor, around: Tensor) => Tensor): Tensor {
    const main = this.body.forward(x);
    const around = this.shortcut.forward(x);
    if (!sameShape(main.shape, around.shape)) {
      throw new ShapeError(`the body gives shape ${formatShape(main.shape)}, the shortcut ${formatShape(around.shape)}`, {
        where: 'Residual', hint: 'give the shortcut the stride and the channels of the body: new nn.Conv2d(in, out, 1, { stride })',
      });
    }
    return meet(main, around);
  }
}
