import { convTranspose1d, type ConvTranspose1dOptions as OperationOptions } from '../../ops/conv/conv1d.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { shown } from '../core/shown.js';
import { type BiasOption, Convolution, single } from './convolution.js';

/** How the kernel moves, and whether a bias is learned. */
export interface ConvTranspose1dOptions extends OperationOptions, BiasOption {}

const CALL =
  'new nn.ConvTranspose1d(inChannels=1, outChannels=4, kernelSize=3, { padding: 0, outputPadding: 0, stride: 1, ' +
  'dilation: 1, groups: 1, bias: true })';

/**
 * Transposed convolution of sequences by learned kernels: it lengthens where a convolution of the same stride shortens.
 * Formula and output length: the operation {@link convTranspose1d}.
 *
 * Shapes: x [N,inChannels,L] (or [inChannels,L]) · weight [inChannels,outChannels / groups,K] · bias [outChannels] →
 *         [N,outChannels,OL]
 * Init:   weight and bias uniform in ±1/√(outChannels / groups·K), as PyTorch has it
 * @throws {ShapeError} in `forward`, when x has other channels
 * @see torch.nn.ConvTranspose1d
 */
export class ConvTranspose1d<In extends number = number, Out extends number = number> extends Convolution<
  In,
  Out,
  readonly [number]
> {
  readonly padding: number;
  readonly outputPadding: number;

  constructor(inChannels: In, outChannels: Out, kernelSize: number, options: ConvTranspose1dOptions = {}) {
    checkArguments(CALL, inChannels, outChannels, kernelSize, options);
    const { padding = 0, outputPadding = 0, ...others } = options;
    super(inChannels, outChannels, kernelSize, [inChannels, outChannels], others, single);
    this.padding = padding;
    this.outputPadding = outputPadding;
  }

  protected compute(x: Tensor): Tensor {
    const { weight, bias, padding, outputPadding, groups } = this;
    const [[stride], [dilation]] = [this.stride, this.dilation];
    return convTranspose1d(x, weight, bias, { stride, padding, outputPadding, groups, dilation });
  }

  protected override paddings(): string[] {
    return [...shown('padding', this.padding, 0), ...shown('outputPadding', this.outputPadding, 0)];
  }
}
