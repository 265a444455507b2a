import { type AvgPool1dOptions, avgPool1d } from '../../ops/pool/pool1d.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { shown } from '../core/shown.js';
import type { Pools } from '../core/sizes.js';

/** The mean of each window of a sequence. Output length: the operation {@link avgPool1d}. @see torch.nn.AvgPool1d */
export class AvgPool1d extends Layer<[Tensor], Tensor, Pools> {
  readonly stride: number;
  readonly padding: number;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;

  constructor(
    readonly kernelSize: number,
    options: AvgPool1dOptions = {},
  ) {
    super();
    checkArguments(
      'new nn.AvgPool1d(kernelSize=2, { stride: 2, padding: 0, ceilMode: true, countIncludePad: true })',
      kernelSize,
      options,
    );
    const { stride = kernelSize, padding = 0, ceilMode = false, countIncludePad = true } = options;
    this.stride = stride;
    this.padding = padding;
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
  }

  protected compute(x: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad } = this;
    return avgPool1d(x, kernelSize, { stride, padding, ceilMode, countIncludePad });
  }

  protected override extraRepr(): string {
    return [
      ...shown('kernelSize', this.kernelSize),
      ...shown('stride', this.stride),
      ...shown('padding', this.padding, 0),
      ...shown('ceilMode', this.ceilMode, false),
      ...shown('countIncludePad', this.countIncludePad, true),
    ].join(', ');
  }
}
