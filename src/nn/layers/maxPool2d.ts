import { type MaxPool2dOptions, maxPool2d } from '../../ops/pool/maxPool2d.js';
import { type Pair, pairOf } from '../../ops/pool/window.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { shown } from '../core/shown.js';
import type { Pools } from '../core/sizes.js';

const CALL =
  'new nn.MaxPool2d(kernelSize=3|[2, 2], { stride: 2|[2, 2], padding: 0|[1, 1], ceilMode: true, ' +
  'dilation: 1|[1, 1] })';

/**
 * The largest element of each window of an image. Output size: the operation {@link maxPool2d}. @see torch.nn.MaxPool2d
 */
export class MaxPool2d extends Layer<[Tensor], Tensor, Pools> {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly ceilMode: boolean;

  constructor(kernelSize: Pair, options: MaxPool2dOptions = {}) {
    super();
    checkArguments(CALL, kernelSize, options);
    const { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false } = options;
    this.kernelSize = pairOf(kernelSize, 'kernelSize', 'MaxPool2d', 1);
    this.stride = pairOf(stride, 'stride', 'MaxPool2d', 1);
    this.padding = pairOf(padding, 'padding', 'MaxPool2d', 0);
    this.dilation = pairOf(dilation, 'dilation', 'MaxPool2d', 1);
    this.ceilMode = ceilMode;
  }

  protected compute(x: Tensor): Tensor {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return maxPool2d(x, kernelSize, { stride, padding, dilation, ceilMode });
  }

  protected override extraRepr(): string {
    return [
      ...shown('kernelSize', this.kernelSize),
      ...shown('stride', this.stride),
      ...shown('padding', this.padding, [0, 0]),
      ...shown('dilation', this.dilation, [1, 1]),
      ...shown('ceilMode', this.ceilMode, false),
    ].join(', ');
  }
}
