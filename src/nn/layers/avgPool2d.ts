import { type AvgPool2dOptions, avgPool2d } from '../../ops/pool/avgPool2d.js';
import { type Pair, pairOf } from '../../ops/pool/window.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { shown } from '../core/shown.js';
import type { Pools } from '../core/sizes.js';

const CALL =
  'new nn.AvgPool2d(kernelSize=2|[2, 2], { stride: 2|[2, 2], padding: 0|[1, 1], ceilMode: true, ' +
  'countIncludePad: true, divisorOverride: 1 })';

/** The mean of each window of an image. Output size: the operation {@link avgPool2d}. @see torch.nn.AvgPool2d */
export class AvgPool2d extends Layer<[Tensor], Tensor, Pools> {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | undefined;

  constructor(kernelSize: Pair, options: AvgPool2dOptions = {}) {
    super();
    checkArguments(CALL, kernelSize, options);
    const { stride = kernelSize, padding = 0, ceilMode = false, countIncludePad = true, divisorOverride } = options;
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
