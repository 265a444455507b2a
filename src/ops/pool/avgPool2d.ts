import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { withRecord } from '../../runtime/records.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { imageResult, imageShape, type Pair, pairOf, type SlidingOptions, sliding } from './window.js';

/** How the windows of an average pool lie, and what their sums are divided by. */
export interface AvgPool2dOptions extends SlidingOptions {
  /** Count the zeros of the padding as elements. Default: true, as in PyTorch. */
  readonly countIncludePad?: boolean;
  /** Divide by this number instead of by the number of elements. */
  readonly divisorOverride?: number;
}

const AVG_POOL2D_CALL =
  'avgPool2d(x, kernelSize=2|[2, 2], { stride: 2|[2, 2], padding: 0|[1, 1], ceilMode: true, ' +
  'countIncludePad: true, divisorOverride: 1 })';

/**
 * Mean of each window.
 *
 * y[n,c,i,j] = Σ_{u < KH, v < KW} x[n, c, i·stride + u − padding, …] / (KH·KW, or what the options make it)
 *
 * Shapes:   x [N,C,H,W] (or [C,H,W]) → [N,C,OH,OW], OH = ⌊(H + 2·padding − KH) / stride⌋ + 1
 *           (⌈…⌉ with ceilMode, but no window begins beyond the image), OW likewise
 * Backward: saves nothing; each element of a window receives dy / divisor
 * @throws {ShapeError} when the window is larger than the padded input
 * @throws {ArgumentError} when an option is out of its range
 * @throws {DTypeError} when x is not float32
 * @see same as torch.nn.functional.avg_pool2d
 */
export function avgPool2d(x: Tensor, kernelSize: Pair, options: AvgPool2dOptions = {}): Tensor {
  checkArguments(AVG_POOL2D_CALL, x, kernelSize, options);
  return averages(x, kernelSize, options, 'avgPool2d');
}

/** @param where the function that errors name @internal */
export function averages(x: Tensor, kernelSize: Pair, options: AvgPool2dOptions, where: string): Tensor {
  requireFloat(where, { x });
  const input = imageShape(x.shape, where);
  const window = sliding(input, kernelSize, options, where);
  const { countIncludePad = true, divisorOverride } = options;
  const divisor = divisorOverride ?? (countIncludePad ? 0 : -1);
  const planes = input.images * input.channels;
  const y = empty(imageResult(input, input.channels, window.outHeight, window.outWidth));
  withRecord('PoolShape', window, (shape) =>
    kernels.f32_avg_pool2d_forward(addressOf(y), addressOf(x), shape, divisor, 0, planes),
  );
  return recordOp('avgPool2d', y, [x], { ...window, divisor }, (dy) => {
    const dx = empty(x.shape);
    withRecord('PoolShape', window, (shape) =>
      kernels.f32_avg_pool2d_backward(addressOf(dx), addressOf(dy), shape, divisor, 0, planes),
    );
    return [dx];
  });
}

/**
 * Means of windows that cover the image, as many as wanted; `adaptiveAvgPool2d(x, 1)` is the global average.
 *
 * y[n,c,i,j] = mean of x[n, c, ⌊i·H/OH⌋ … ⌈(i+1)·H/OH⌉ − 1, …]
 *
 * Shapes:   x [N,C,H,W] (or [C,H,W]) → [N,C,OH,OW], outputSize = [OH,OW] or one number for both
 * Backward: saves nothing; each element of a window receives dy / size of the window
 * @throws {ShapeError} when x is not an image, or an image has no pixels
 * @throws {ArgumentError} when outputSize is not positive
 * @throws {DTypeError} when x is not float32
 * @see same as torch.nn.functional.adaptive_avg_pool2d
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: Pair): Tensor {
  checkArguments('adaptiveAvgPool2d(x, outputSize=1|[1, 1])', x, outputSize);
  return adaptiveAverages(x, outputSize, 'adaptiveAvgPool2d');
}

/** @param where the function that errors name @internal */
export function adaptiveAverages(x: Tensor, outputSize: Pair, where: string): Tensor {
  requireFloat(where, { x });
  const input = imageShape(x.shape, where);
  const [outHeight, outWidth] = pairOf(outputSize, 'outputSize', where, 1);
  if (input.height === 0 || input.width === 0) {
    throw new ShapeError(`images of ${input.height} × ${input.width} (${formatShape(x.shape)}) have no mean`, {
      where,
    });
  }
  const planes = input.images * input.channels;
  const y = empty(imageResult(input, input.channels, outHeight, outWidth));
  kernels.f32_adaptive_avg_pool2d_forward(
    addressOf(y),
    addressOf(x),
    input.height,
    input.width,
    outHeight,
    outWidth,
    0,
    planes,
  );
  return recordOp('adaptiveAvgPool2d', y, [x], {}, (dy) => {
    const dx = empty(x.shape);
    kernels.f32_adaptive_avg_pool2d_backward(
      addressOf(dx),
      addressOf(dy),
      input.height,
      input.width,
      outHeight,
      outWidth,
      0,
      planes,
    );
    return [dx];
  });
}
