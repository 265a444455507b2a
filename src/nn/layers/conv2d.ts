import { conv2d, fusedConv2d, type Conv2dOptions as OperationOptions } from '../../ops/conv/conv2d.js';
import { type Pair, pairOf } from '../../ops/pool/window.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { EndsInRelu } from '../core/fuse.js';
import { shown } from '../core/shown.js';
import { type BiasOption, Convolution } from './convolution.js';
import { bordered, type PaddingModeOption } from './paddingMode.js';

/** How the kernel moves over the image, what lies around it, and whether a bias is learned. */
export interface Conv2dOptions extends OperationOptions, BiasOption, PaddingModeOption {}

const CALL =
  "new nn.Conv2d(inChannels=1, outChannels=4, kernelSize=3|[3, 3], { padding: 1|0|[1, 1]|'same'|'valid', " +
  "precision: 'fast'|'precise', stride: 1|[1, 1], dilation: 1|[1, 1], groups: 1, bias: true, " +
  "paddingMode: 'zeros'|'reflect'|'replicate'|'circular' })";

/**
 * Convolution of images by learned kernels. Formula and output size: the operation {@link conv2d}.
 *
 * Shapes: x [N,inChannels,H,W] · weight [outChannels,inChannels / groups,KH,KW] · bias [outChannels] →
 * [N,outChannels,OH,OW] Init:   weight and bias uniform in ±1/√(inChannels / groups·KH·KW)
 * @throws {ShapeError} in `forward`, when x has other channels or is smaller than the kernel
 * @see torch.nn.Conv2d
 */
export class Conv2d<In extends number = number, Out extends number = number>
  extends Convolution<In, Out>
  implements EndsInRelu
{
  readonly padding: readonly [number, number] | 'same' | 'valid';
  readonly precision: 'fast' | 'precise';
  readonly paddingMode: Required<PaddingModeOption>['paddingMode'];

  constructor(inChannels: In, outChannels: Out, kernelSize: Pair, options: Conv2dOptions = {}) {
    checkArguments(CALL, inChannels, outChannels, kernelSize, options);
    const { padding = 0, precision = 'fast', paddingMode = 'zeros', ...others } = options;
    super(inChannels, outChannels, kernelSize, [outChannels, inChannels], others);
    this.precision = precision;
    this.paddingMode = paddingMode;
    this.padding = padding === 'same' || padding === 'valid' ? padding : pairOf(padding, 'padding', 'Conv2d', 0);
  }

  protected compute(x: Tensor): Tensor {
    const { weight, bias, stride, dilation, groups, precision } = this;
    return conv2d(bordered(x, this), weight, bias, { stride, padding: this.#zeros, dilation, groups, precision });
  }

  /** The layer and a ReLU behind it, in one pass: see {@link EndsInRelu}. */
  withRelu(x: Tensor): Tensor {
    return this.computeWith(x, this.weight, this.bias, true);
  }

  /** See `foldNorm.ts`. @internal */
  computeWith(x: Tensor, weight: Tensor, bias: Tensor | null, relu: boolean): Tensor {
    return fusedConv2d(bordered(x, this), weight, bias, { ...this, padding: this.#zeros }, relu);
  }

  /** The padding that is left to the operation. */
  get #zeros(): Conv2dOptions['padding'] {
    return this.paddingMode === 'zeros' ? this.padding : 0;
  }

  /** About: padding and kernel are not counted. See `foldNorm.ts`. @internal */
  outputsPerChannel(x: Tensor): number {
    return x.size / this.inChannels / (this.stride[0] * this.stride[1]);
  }

  protected override paddings(): string[] {
    return [
      ...shown('padding', this.padding, [0, 0]),
      ...shown('paddingMode', this.paddingMode, 'zeros'),
      ...shown('precision', this.precision, 'fast'),
    ];
  }
}
