import { INTERPOLATION, type InterpolateOptions, interpolate } from '../../ops/movement/interpolate.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { shown } from '../core/shown.js';
import type { Pools } from '../core/sizes.js';

/**
 * Images or sequences of another size. Formulas and options: the operation {@link interpolate}.
 *
 * Shapes: x [N,C,H,W] → [N,C,OH,OW]
 * @throws {ArgumentError} unless one of size and scaleFactor is given
 * @see torch.nn.Upsample
 * @example
 * new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }).forward(zeros([1, 3, 4, 4])).shape;   // [1, 3, 8, 8]
 */
export class Upsample extends Layer<[Tensor], Tensor, Pools> {
  readonly options: InterpolateOptions;

  constructor(options: InterpolateOptions) {
    super();
    checkArguments(`new nn.Upsample(options!=${INTERPOLATION})`, options);
    if ((options.size === undefined) === (options.scaleFactor === undefined))
      throw new ArgumentError('give either size or scaleFactor', { where: 'Upsample' });
    this.options = { ...options };
  }

  protected compute(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }

  protected override extraRepr(): string {
    const { size, scaleFactor, mode = 'nearest', alignCorners = false } = this.options;
    return [
      ...shown('size', size, undefined),
      ...shown('scaleFactor', scaleFactor, undefined),
      ...shown('mode', mode),
      ...shown('alignCorners', alignCorners, false),
    ].join(', ');
  }
}
