import { ShapeError } from '../../runtime/errors.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Channels } from '../core/sizes.js';
import { BatchNorm } from './batchNorm.js';

/**
 * Batch normalisation of images. Formula, training and evaluation: {@link BatchNorm}.
 *
 * Shapes: x [N,C,H,W] → the same
 * @throws {ShapeError} in `forward`, when x has other axes or channels
 * @see torch.nn.BatchNorm2d
 */
export class BatchNorm2d<N extends number = number> extends BatchNorm<N, Channels<N>> {
  protected override checkRank(x: Tensor): void {
    if (x.rank === 4) return;
    throw new ShapeError(`the input must be [N, C, H, W], not of shape ${formatShape(x.shape)}`, {
      where: 'BatchNorm2d',
      hint: x.rank === 2 || x.rank === 3 ? 'use nn.BatchNorm1d for vectors and sequences' : 'reshape the input first',
    });
  }
}
