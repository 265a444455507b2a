import { dropout, dropout1d, dropout2d } from '../../ops/norm/dropout.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Keeps } from '../core/sizes.js';

/**
 * In training, zeroes each element with probability p and multiplies the others by 1 / (1 − p), so that the mean
 * stays; in evaluation, y = x.
 *
 * Which elements are zeroed is a matter of the seed and of how many dropouts came before, not of threads.
 *
 * @see Hinton et al. 2012, arXiv 1207.0580; torch.nn.Dropout
 */
export class Dropout extends Layer<[Tensor], Tensor, Keeps> {
  constructor(readonly p = 0.5) {
    super();
    const where = this.constructor.name;
    checkArguments(`new nn.${where}(p?=0.5)`, p);
    if (!(p >= 0 && p <= 1)) throw new ArgumentError(`p is a probability in [0, 1], not ${p}`, { where });
  }

  protected compute(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training });
  }

  protected override extraRepr(): string {
    return `p=${this.p}`;
  }
}

/**
 * Zeroes whole channels of images with probability p in training. Formula: the operation {@link dropout2d}.
 *
 * Shapes: x [N,C,H,W] (or [C,H,W]) → the same
 * @see torch.nn.Dropout2d
 */
export class Dropout2d extends Dropout {
  protected override compute(x: Tensor): Tensor {
    return dropout2d(x, this.p, { training: this.training });
  }
}

/**
 * Zeroes whole channels of sequences with probability p in training. Formula: the operation {@link dropout2d}.
 *
 * Shapes: x [N,C,L] (or [C,L]) → the same
 * @see torch.nn.Dropout1d
 */
export class Dropout1d extends Dropout {
  protected override compute(x: Tensor): Tensor {
    return dropout1d(x, this.p, { training: this.training });
  }
}
