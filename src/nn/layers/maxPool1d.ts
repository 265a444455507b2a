import { type MaxPool1dOptions, maxPool1d } from '../../ops/pool/pool1d.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { shown } from '../core/shown.js';
import type { Pools } from '../core/sizes.js';

/**
 * The largest element of each window of a sequence. Output length: the operation {@link maxPool1d}.
 *
 * @see torch.nn.MaxPool1d
 */
export class MaxPool1d extends Layer<[Tensor], Tensor, Pools> {
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  readonly ceilMode: boolean;

  constructor(
    readonly kernelSize: number,
    options: MaxPool1dOptions = {},
  ) {
    super();
    checkArguments(
      'new nn.MaxPool1d(kernelSize=2, { stride: 2, padding: 0, ceilMode: true, dilation: 1 })',
      kernelSize,
      options,
    );
    const { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false } = options;
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.ceilMode = ceilMode;
  }

  protected compute(x: Tensor): Tensor {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return maxPool1d(x, kernelSize, { stride, padding, dilation, ceilMode });
  }

  protected override extraRepr(): string {
    return [
      ...shown('kernelSize', this.kernelSize),
      ...shown('stride', this.stride),
      ...shown('padding', this.padding, 0),
      ...shown('dilation', this.dilation, 1),
      ...shown('ceilMode', this.ceilMode, false),
    ].join(', ');
  }
}
