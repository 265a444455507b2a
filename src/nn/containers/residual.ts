import { addRelu } from '../../ops/elementwise/addRelu.js';
import { add } from '../../ops/elementwise/arithmetic.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { formatShape, sameShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { EndsInRelu } from '../core/fuse.js';
import { Layer, runModule } from '../core/layer.js';
import type { Module } from '../core/module.js';
import type { Around, FittingWays } from '../core/sizes.js';
import { Identity } from '../layers/identity.js';

/** The body of a block, and the way around it where that is not x itself. */
export type ResidualWays = readonly [body: Module, shortcut?: Module];

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
export class Residual<Ways extends ResidualWays = ResidualWays>
  extends Layer<[Tensor], Tensor, Around<Ways>>
  implements EndsInRelu
{
  readonly body: Module;
  readonly shortcut: Module;

  constructor(...ways: FittingWays<Ways>) {
    super();
    const [body, shortcut = new Identity()] = ways as ResidualWays;
    checkArguments('new nn.Residual(body=layer, shortcut?=layer)', body, shortcut);
    this.body = body;
    this.shortcut = shortcut;
  }

  protected compute(x: Tensor): Tensor {
    return this.#join(x, add);
  }

  /** The layer and a ReLU behind it, in one pass: see {@link EndsInRelu}. */
  withRelu(x: Tensor): Tensor {
    return this.#join(x, addRelu);
  }

  /** Both ways through the block, and `meet` where they meet. */
  #join(x: Tensor, meet: (main: Tensor, around: Tensor) => Tensor): Tensor {
    const main = runModule(this.body, x);
    const around = runModule(this.shortcut, x);
    if (!sameShape(main.shape, around.shape)) {
      throw new ShapeError(
        `the body gives shape ${formatShape(main.shape)}, the shortcut ${formatShape(around.shape)}`,
        {
          where: 'Residual',
          hint: 'give the shortcut the stride and the channels of the body: new nn.Conv2d(in, out, 1, { stride })',
        },
      );
    }
    return meet(main, around);
  }
}
