import { rmsNorm } from '../../ops/norm/rmsNorm.js';
import { checkArguments, refusal } from '../../runtime/arguments.js';
import { ones } from '../../tensor/create.js';
import type { Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { Parameter } from '../core/parameter.js';
import type { Features, Keeps } from '../core/sizes.js';
import * as init from '../init.js';
import type { LastOf } from './layerNorm.js';

/** What is learned. */
export interface RMSNormOptions {
  /** Added to the mean of the squares. Default: null, which is 2⁻²³. */
  readonly eps?: number | null;
  /** Whether a scale per element is learned. Default: true. */
  readonly elementwiseAffine?: boolean;
}

/**
 * Root mean square normalisation: over the last axes of each sample.
 *
 * y = x / √(mean(x²) + eps)·weight, with the mean over the axes of `normalizedShape`
 *
 * Shapes: x […,normalizedShape] · weight normalizedShape → as x; the same in training and evaluation
 * Init:   weight 1
 * @throws {ShapeError} in `forward`, when the last axes of x are not normalizedShape
 * @see Zhang & Sennrich 2019, arXiv 1910.07467; torch.nn.RMSNorm
 */
export class RMSNorm<const Norm extends number | Shape = number | Shape> extends Layer<
  [Tensor],
  Tensor,
  Keeps<Features<LastOf<Norm>>>
> {
  readonly normalizedShape: Shape;
  weight: Parameter | null;
  readonly eps: number | null;

  constructor(normalizedShape: Norm, options: RMSNormOptions = {}) {
    super();
    checkArguments(
      'new nn.RMSNorm(normalizedShape=10|[10], { eps: 1e-5|null, elementwiseAffine: true })',
      normalizedShape,
      options,
    );
    const { eps = null, elementwiseAffine = true } = options;
    const shape: number | Shape = normalizedShape;
    this.normalizedShape = typeof shape === 'number' ? [shape] : [...shape];
    if (this.normalizedShape.some((size) => size < 1))
      throw refusal('RMSNorm', 'normalizedShape', 'sizes ≥ 1', normalizedShape);
    this.eps = eps;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape)) : null;
  }

  /** Sets the weight back to 1. */
  resetParameters(): void {
    if (this.weight !== null) init.ones(this.weight);
  }

  protected compute(x: Tensor): Tensor {
    const { normalizedShape, weight, eps } = this;
    return rmsNorm(x, normalizedShape, { weight, eps });
  }

  protected override extraRepr(): string {
    return `[${this.normalizedShape.join(', ')}], eps=${this.eps}, elementwiseAffine=${this.weight !== null}`;
  }
}
