import { type AvgPool2dOptions, avgPool2d } from '../../ops/pool/avgPool2d.js';
import { type Pair, pairOf } from '../../ops/pool/window.js';
import type { Tensor } from '../../tensor/tensor.js';
import { shown } from '../core/arguments.js';
import { Layer } from '../core/layer.js';
import type { Pools } from '../core/sizes.js';

/** The mean of each window of an image. Output size: the operation {@link avgPool2d}. @see torch.nn.AvgPool2d */
export class AvgPool2d extends Layer<[Tensor], Tensor, Pools> {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | undefined;

  constructor(
    kernelSize: Pair,
    {
      stride = kernelSize,
      padding = 0,
      ceilMode = false,
      countIncludePad = true,
      divisorOverride,
    }: AvgPool2dOptions = {},
  ) {
    super();
    this.kernelSize = pairOf(kernelSize, 'kernelSize', 'AvgPool2d', 1);
    this.stride = pairOf(stride, 'stride', 'AvgPool2d', 1);
    this.padding = pairOf(padding, 'padding', 'AvgPool2d', 0);
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
    this.divisorOverride = divisorOverride;
  }

  protected compute(x: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return avgPool2d(x, kernelSize, { stride, padding, ceilMode, countIncludePad, divisorOverride });
  }

  protected override extraRepr(): string {
    return [
      ...shown('kernelSize', this.kernelSize),
      ...shown('stride', this.stride),
      ...shown('padding', this.padding, [0, 0]),
      ...shown('ceilMode', this.ceilMode, false),
      ...shown('countIncludePad', this.countIncludePad, true),
      ...shown('divisorOverride', this.divisorOverride),
    ].join(', ');
  }
}
