import { convTranspose2d, type ConvTranspose2dOptions as OperationOptions } from '../../ops/conv/convTranspose2d.js';
import { type Pair, pairOf } from '../../ops/pool/window.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { shown } from '../core/shown.js';
import { type BiasOption, Convolution } from './convolution.js';

/** How the kernel moves, and whether a bias is learned. */
export interface ConvTranspose2dOptions extends OperationOptions, BiasOption {}

const CALL =
  'new nn.ConvTranspose2d(inChannels=1, outChannels=4, kernelSize=3|[3, 3], { padding: 0|[1, 1], ' +
  'outputPadding: 0|[1, 1], stride: 1|[1, 1], dilation: 1|[1, 1], groups: 1, bias: true })';

/**
 * Transposed convolution of images by learned kernels: it enlarges where a convolution of the same stride shrinks.
 * Formula and output size: the operation {@link convTranspose2d}.
 *
 * Shapes: x [N,inChannels,H,W] · weight [inChannels,outChannels / groups,KH,KW] · bias [outChannels] →
 * [N,outChannels,OH,OW] Init:   weight and bias uniform in ±1/√(outChannels / groups·KH·KW), as PyTorch has it
 * @throws {ShapeError} in `forward`, when x has other channels
 * @see torch.nn.ConvTranspose2d
 */
export class ConvTranspose2d<In extends number = number, Out extends number = number> extends Convolution<In, Out> {
  readonly padding: readonly [number, number];
  readonly outputPadding: readonly [number, number];

  constructor(inChannels: In, outChannels: Out, kernelSize: Pair, options: ConvTranspose2dOptions = {}) {
    checkArguments(CALL, inChannels, outChannels, kernelSize, options);
    const { padding = 0, outputPadding = 0, ...others } = options;
    super(inChannels, outChannels, kernelSize, [inChannels, outChannels], others);
    this.padding = pairOf(padding, 'padding', 'ConvTranspose2d', 0);
    this.outputPadding = pairOf(outputPadding, 'outputPadding', 'ConvTranspose2d', 0);
  }

  protected compute(x: Tensor): Tensor {
    const { weight, bias, stride, padding, outputPadding, dilation, groups } = this;
    return convTranspose2d(x, weight, bias, { stride, padding, outputPadding, groups, dilation });
  }

  protected override paddings(): string[] {
    return [...shown('padding', this.padding, [0, 0]), ...shown('outputPadding', this.outputPadding, [0, 0])];
  }
}
