import { conv1d, fusedConv1d, type Conv1dOptions as OperationOptions } from '../../ops/conv/conv1d.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { EndsInRelu } from '../core/fuse.js';
import { shown } from '../core/shown.js';
import { type BiasOption, Convolution, single } from './convolution.js';
import { bordered, type PaddingModeOption } from './paddingMode.js';

/** How the kernel moves over the sequence, what lies around it, and whether a bias is learned. */
export interface Conv1dOptions extends OperationOptions, BiasOption, PaddingModeOption {}

const CALL =
  "new nn.Conv1d(inChannels=1, outChannels=4, kernelSize=3, { padding: 1|0|'same'|'valid', stride: 1, dilation: 1, " +
  "groups: 1, bias: true, paddingMode: 'zeros'|'reflect'|'replicate'|'circular' })";

/**
 * Convolution of sequences by learned kernels. Formula and output length: the operation {@link conv1d}.
 *
 * Shapes: x [N,inChannels,L] (or [inChannels,L]) · weight [outChannels,inChannels / groups,K] · bias [outChannels] →
 *         [N,outChannels,OL]
 * Init:   weight and bias uniform in ±1/√(inChannels / groups·K)
 * @throws {ShapeError} in `forward`, when x has other channels or is shorter than the kernel
 * @see torch.nn.Conv1d
 */
export class Conv1d<In extends number = number, Out extends number = number>
  extends Convolution<In, Out, readonly [number]>
  implements EndsInRelu
{
  readonly padding: number | 'same' | 'valid';
  readonly paddingMode: Required<PaddingModeOption>['paddingMode'];

  constructor(inChannels: In, outChannels: Out, kernelSize: number, options: Conv1dOptions = {}) {
    checkArguments(CALL, inChannels, outChannels, kernelSize, options);
    const { padding = 0, paddingMode = 'zeros', ...others } = options;
    super(inChannels, outChannels, kernelSize, [outChannels, inChannels], others, single);
    this.padding = padding;
    this.paddingMode = paddingMode;
  }

  protected compute(x: Tensor): Tensor {
    return conv1d(this.#bordered(x), this.weight, this.bias, this.#options);
  }

  /** The layer and a ReLU behind it, in one pass: see {@link EndsInRelu}. */
  withRelu(x: Tensor): Tensor {
    return this.computeWith(x, this.weight, this.bias, true);
  }

  /** See `foldNorm.ts`. @internal */
  computeWith(x: Tensor, weight: Tensor, bias: Tensor | null, relu: boolean): Tensor {
    return fusedConv1d(this.#bordered(x), weight, bias, this.#options, relu);
  }

  /** About: padding and kernel are not counted. See `foldNorm.ts`. @internal */
  outputsPerChannel(x: Tensor): number {
    return x.size / this.inChannels / this.stride[0];
  }

  #bordered(x: Tensor): Tensor {
    const { padding } = this;
    return bordered(x, { ...this, padding: typeof padding === 'number' ? [padding] : padding });
  }

  get #options(): OperationOptions {
    const { stride, padding, dilation, groups } = this;
    const zeros = this.paddingMode === 'zeros' ? padding : 0;
    return { stride: stride[0], padding: zeros, dilation: dilation[0], groups };
  }

  protected override paddings(): string[] {
    return [...shown('padding', this.padding, 0), ...shown('paddingMode', this.paddingMode, 'zeros')];
  }
}
