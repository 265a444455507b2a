import { fusedLinear, linear } from '../../ops/gemm/linear.js';
import { checkArguments } from '../../runtime/arguments.js';
import { empty } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { EndsInRelu } from '../core/fuse.js';
import { Layer } from '../core/layer.js';
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
export class Linear<In extends number = number, Out extends number = number>
  extends Layer<[Tensor], Tensor, Sizes<Features<In>, Features<Out>>>
  implements EndsInRelu
{
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    readonly inFeatures: In,
    readonly outFeatures: Out,
    options: LinearOptions = {},
  ) {
    super();
    checkArguments('new nn.Linear(inFeatures=784, outFeatures=10, { bias: true })', inFeatures, outFeatures, options);
    const { bias = true } = options;
    this.weight = new Parameter(empty([outFeatures, inFeatures]));
    this.bias = bias ? new Parameter(empty([outFeatures])) : null;
    this.resetParameters();
  }

  /** Draws the initial values anew. */
  resetParameters(): void {
    fillByFanIn(this.weight, this.bias);
  }

  protected compute(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  /** The layer and a ReLU behind it, in one pass: see {@link EndsInRelu}. */
  withRelu(x: Tensor): Tensor {
    return fusedLinear(x, this.weight, this.bias, true);
  }

  /** See `foldNorm.ts`. @internal */
  computeWith(x: Tensor, weight: Tensor, bias: Tensor, relu: boolean): Tensor {
    return fusedLinear(x, weight, bias, relu);
  }

  /** See `foldNorm.ts`. @internal */
  outputsPerChannel(x: Tensor): number {
    return x.shape[0]!;
  }

  protected override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}
