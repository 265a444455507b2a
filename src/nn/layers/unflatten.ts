import { unflatten } from '../../ops/movement/reshape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { formatShape, type Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/**
 * One axis as several; one of `sizes` may be −1. Copies nothing.
 *
 * Shapes: x [N,M], axis 1, sizes [C,H,W] → [N,C,H,W], M = C·H·W
 * @throws {ShapeError} in `forward`, when the sizes do not multiply to the length of the axis
 * @see torch.nn.Unflatten
 */
export class Unflatten extends Layer {
  constructor(
    readonly axis: number,
    readonly sizes: Shape,
  ) {
    super();
    checkArguments('new nn.Unflatten(axis=-1, sizes=[2, -1])', axis, sizes);
  }

  protected compute(x: Tensor): Tensor {
    return unflatten(x, this.axis, this.sizes);
  }

  protected override extraRepr(): string {
    return `axis=${this.axis}, sizes=${formatShape(this.sizes)}`;
  }
}
