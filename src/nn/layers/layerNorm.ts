import { layerNorm } from '../../ops/norm/layerNorm.js';
import { checkArguments, refusal } from '../../runtime/arguments.js';
import type { Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Parameter } from '../core/parameter.js';
import type { Features, Keeps } from '../core/sizes.js';
import { makeAffine, resetAffine } from './affine.js';

/** What is learned. */
export interface LayerNormOptions {
  /** Added to the variance. Default: 1e-5. */
  readonly eps?: number;
  /** Whether a scale and a shift per element are learned. Default: true. */
  readonly elementwiseAffine?: boolean;
}

/** The last of the sizes that are normalised. */
export type LastOf<Norm extends number | Shape> = Norm extends number
  ? Norm
  : Norm extends readonly [...Shape, infer Last extends number]
    ? Last
    : number;

/**
 * Layer normalisation: over the last axes of each sample.
 *
 * y = (x − mean) / √(variance + eps)·weight + bias, with mean and (biased) variance over the axes of `normalizedShape`
 *
 * Shapes: x […,normalizedShape] · weight, bias normalizedShape → as x; the same in training and evaluation
 * Init:   weight 1, bias 0
 * @throws {ShapeError} in `forward`, when the last axes of x are not normalizedShape
 * @see Ba et al. 2016, arXiv 1607.06450; torch.nn.LayerNorm
 */
export class LayerNorm<const Norm extends number | Shape = number | Shape> extends Layer<
  [Tensor],
  Tensor,
  Keeps<Features<LastOf<Norm>>>
> {
  readonly normalizedShape: Shape;
  weight: Parameter | null;
  bias: Parameter | null;
  readonly eps: number;

  constructor(normalizedShape: Norm, options: LayerNormOptions = {}) {
    super();
    checkArguments(
      'new nn.LayerNorm(normalizedShape=10|[10], { eps: 1e-5, elementwiseAffine: true })',
      normalizedShape,
      options,
    );
    const { eps = 1e-5, elementwiseAffine = true } = options;
    const shape: number | Shape = normalizedShape;
    this.normalizedShape = typeof shape === 'number' ? [shape] : [...shape];
    if (this.normalizedShape.some((size) => size < 1))
      throw refusal('LayerNorm', 'normalizedShape', 'sizes ≥ 1', normalizedShape);
    this.eps = eps;
    ({ weight: this.weight, bias: this.bias } = makeAffine(this.normalizedShape, elementwiseAffine));
  }

  /** Sets weight and bias back to 1 and 0. */
  resetParameters(): void {
    resetAffine(this);
  }

  protected compute(x: Tensor): Tensor {
    const { normalizedShape, weight, bias, eps } = this;
    return layerNorm(x, normalizedShape, { weight, bias, eps });
  }

  protected override extraRepr(): string {
    return `[${this.normalizedShape.join(', ')}], eps=${this.eps}, elementwiseAffine=${this.weight !== null}`;
  }
}
