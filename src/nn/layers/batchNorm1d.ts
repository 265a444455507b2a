import { ShapeError } from '../../runtime/errors.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { EndsInRelu, Fused, FusesBefore, Stage } from '../core/fuse.js';
import type { Features } from '../core/sizes.js';
import { BatchNorm } from './batchNorm.js';
import { foldNorm } from './foldNorm.js';

/**
 * Batch normalisation of feature vectors or sequences. Formula, training and evaluation: {@link BatchNorm}.
 *
 * Shapes: x [N,C] or [N,C,L] → the same. (The compiler takes C for the features of the layers around it, as it is in
 *         [N,C]; between layers of the last axis of [N,C,L], give it as a `number`: `C as number`.)
 * @throws {ShapeError} in `forward`, when x has other axes or channels
 * @see torch.nn.BatchNorm1d
 */
export class BatchNorm1d<N extends number = number>
  extends BatchNorm<N, Features<N>>
  implements EndsInRelu, FusesBefore
{
  protected override checkRank(x: Tensor): void {
    if (x.rank === 2 || x.rank === 3) return;
    throw new ShapeError(`the input must be [N, C] or [N, C, L], not of shape ${formatShape(x.shape)}`, {
      where: 'BatchNorm1d',
      hint: x.rank === 4 ? 'use nn.BatchNorm2d for images' : 'flatten or reshape the input first',
    });
  }

  /** The layer and a ReLU behind it, in one pass: see {@link EndsInRelu}. */
  withRelu(x: Tensor): Tensor {
    return this.normalise(x, true);
  }

  /** The layer and what is before it, in one pass: see {@link FusesBefore}. */
  fuseWith(before: Stage): Fused | undefined {
    return foldNorm(this, before, 2) ?? foldNorm(this, before, 3); // Behind a Linear; behind a Conv1d.
  }
}
