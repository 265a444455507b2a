import { linear } from '../../ops/gemm/linear.js';
import { empty } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import { checkSizes } from '../core/arguments.js';
import { Module } from '../core/module.js';
import { Parameter } from '../core/parameter.js';
import type { Features, Sizes } from '../core/sizes.js';
import { fillByFanIn } from '../init.js';

/** What a Linear learns besides its weight. */
export interface LinearOptions {
  /** Whether a learned bias is added. Default: true. */
  readonly bias?: boolean;
}

/**
 * Fully connected layer: an affine map of the last axis.
 *
 * y[…,o] = Σᵢ x[…,i]·weight[o,i] + bias[o]
 *
 * Shapes: x […,inFeatures] · weight [outFeatures,inFeatures] · bias [outFeatures] → […,outFeatures]
 * Init:   weight and bias uniform in ±1/√inFeatures
 * @throws {ShapeError} in `forward`, when the last axis of x is not inFeatures
 * @see torch.nn.Linear
 */
export class Linear<In extends number = number, Out extends number = number> extends Module<
  [Tensor],
  Tensor,
  Sizes<Features<In>, Features<Out>>
> {
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    readonly inFeatures: In,
    readonly outFeatures: Out,
    { bias = true }: LinearOptions = {},
  ) {
    super();
    checkSizes('Linear', { inFeatures, outFeatures });
    this.weight = new Parameter(empty([outFeatures, inFeatures]));
    this.bias = bias ? new Parameter(empty([outFeatures])) : null;
    this.resetParameters();
  }

  /** Draws the initial values anew. */
  resetParameters(): void {
    fillByFanIn(this.weight, this.bias);
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  protected override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}
