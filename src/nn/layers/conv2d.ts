import { conv2d, type Conv2dOptions as OperationOptions } from '../../ops/conv/conv2d.js';
import { type Pair, pairOf } from '../../ops/pool/window.js';
import type { Tensor } from '../../tensor/tensor.js';
import { shown } from '../core/arguments.js';
import { type BiasOption, Convolution } from './convolution.js';

/** How the kernel moves over the image, and whether a bias is learned. */
export interface Conv2dOptions extends OperationOptions, BiasOption {}

/**
 * Convolution of images by learned kernels. Formula and output size: the operation {@link conv2d}.
 *
 * Shapes: x [N,inChannels,H,W] · weight [outChannels,inChannels / groups,KH,KW] · bias [outChannels] →
 * [N,outChannels,OH,OW] Init:   weight and bias uniform in ±1/√(inChannels / groups·KH·KW)
 * @throws {ShapeError} in `forward`, when x has other channels or is smaller than the kernel
 * @see torch.nn.Conv2d
 */
export class Conv2d<In extends number = number, Out extends number = number> extends Convolution<In, Out> {
  readonly padding: readonly [number, number] | 'same' | 'valid';
  readonly precision: 'fast' | 'precise';

  constructor(
    inChannels: In,
    outChannels: Out,
    kernelSize: Pair,
    { padding = 0, precision = 'fast', ...options }: Conv2dOptions = {},
  ) {
    super(inChannels, outChannels, kernelSize, [outChannels, inChannels], options);
    this.precision = precision;
    this.padding = padding === 'same' || padding === 'valid' ? padding : pairOf(padding, 'padding', 'Conv2d', 0);
  }

  forward(x: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups, precision } = this;
    return conv2d(x, weight, bias, { stride, padding, dilation, groups, precision });
  }

  protected override paddings(): string[] {
    return [...shown('padding', this.padding, [0, 0]), ...shown('precision', this.precision, 'fast')];
  }
}
