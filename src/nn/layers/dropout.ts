import { dropout } from '../../ops/norm/dropout.js';
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
    checkArguments('new nn.Dropout(p?=0.5)', p);
    if (!(p >= 0 && p <= 1)) throw new ArgumentError(`p is a probability in [0, 1], not ${p}`, { where: 'Dropout' });
  }

  protected compute(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training });
  }

  protected override extraRepr(): string {
    return `p=${this.p}`;
  }
}
