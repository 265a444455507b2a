import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { withRecord } from '../../runtime/records.js';
import { kernels } from '../../runtime/runtime.js';
import { empty, tensor } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { take } from '../movement/indexSelect.js';
import { imageResult, imageShape, type Pair, pairOf, type SlidingOptions, sliding } from './window.js';

/** How the windows of a maximum pool lie. */
export interface MaxPool2dOptions extends SlidingOptions {
  /** Distance between the places of a window. Default 1. */
  readonly dilation?: Pair;
}

const MAX_POOL2D_CALL =
  'maxPool2d(x, kernelSize=2|[2, 2], { stride: 2|[2, 2], padding: 0|[1, 1], ceilMode: true, dilation: 1|[1, ' + '1] })';

/**
 * Largest element of each window.
 *
 * y[n,c,i,j] = max over u < KH, v < KW of x[n, c, i·stride + u·dilation − padding, …]; padding never wins, NaN does
 *
 * Shapes:   x [N,C,H,W] (or [C,H,W]) → [N,C,OH,OW], OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1
 *           (⌈…⌉ with ceilMode, but no window begins beyond the image), OW likewise
 * Backward: saves x; the gradient goes to the largest element, the first one where several are equal
 * @throws {ShapeError} when the window is larger than the padded input
 * @throws {ArgumentError} when an option is out of its range
 * @throws {DTypeError} when x is not float32
 * @see same as torch.nn.functional.max_pool2d
 */
export function maxPool2d(x: Tensor, kernelSize: Pair, options: MaxPool2dOptions = {}): Tensor {
  checkArguments(MAX_POOL2D_CALL, x, kernelSize, options);
  return maxima(x, kernelSize, options, 'maxPool2d');
}

/** @param where the function that errors name @internal */
export function maxima(x: Tensor, kernelSize: Pair, options: MaxPool2dOptions, where: string): Tensor {
  requireFloat(where, { x });
  const input = imageShape(x.shape, where);
  const window = sliding(input, kernelSize, options, where);
  const planes = input.images * input.channels;
  const y = empty(imageResult(input, input.channels, window.outHeight, window.outWidth));
  withRecord('PoolShape', window, (shape) =>
    kernels.f32_max_pool2d_forward(addressOf(y), addressOf(x), shape, 0, planes),
  );
  return recordOp('maxPool2d', y, [x], window, (dy) => {
    const dx = empty(x.shape);
    withRecord('PoolShape', window, (shape) =>
      kernels.f32_max_pool2d_backward(addressOf(dx), addressOf(dy), addressOf(x), shape, 0, planes),
    );
    return [dx];
  });
}

/**
 * Largest elements of windows that cover the image, as many as wanted; `adaptiveMaxPool2d(x, 1)` is the global maximum.
 *
 * y[n,c,i,j] = max of x[n, c, ⌊i·H/OH⌋ … ⌈(i+1)·H/OH⌉ − 1, …]; NaN wins
 *
 * Shapes:   x [N,C,H,W] (or [C,H,W]) → [N,C,OH,OW], outputSize = [OH,OW] or one number for both
 * Backward: the gradient goes to the largest element, the first one where several are equal
 * @throws {ShapeError} when x is not an image, or an image has no pixels
 * @throws {DTypeError} when x is not float32
 * @see same as torch.nn.functional.adaptive_max_pool2d
 */
export function adaptiveMaxPool2d(x: Tensor, outputSize: Pair): Tensor {
  const where = 'adaptiveMaxPool2d';
  checkArguments(`${where}(x, outputSize=1|[1, 1])`, x, outputSize);
  requireFloat(where, { x });
  const { height, width } = imageShape(x.shape, where);
  if (height * width === 0) throw new ShapeError(`images of shape ${formatShape(x.shape)} have no maximum`, { where });
  let y = x;
  const kernel = pairOf(outputSize, 'outputSize', where, 1).map((count, i) => {
    const length = [height, width][i]!;
    const start = (window: number): number => Math.floor((window * length) / count);
    const ends = Array.from({ length: count }, (_, window) => Math.ceil(((window + 1) * length) / count));
    const span = Math.max(...ends.map((end, window) => end - start(window)));
    // Windows side by side, of one length: shorter ones repeat their last element.
    if (span * count !== length) {
      const places = ends.flatMap((end, window) =>
        Array.from({ length: span }, (_, k) => Math.min(start(window) + k, end - 1)),
      );
      y = take(y, x.rank - 2 + i, tensor(Int32Array.from(places)));
    }
    return span;
  }) as [number, number];
  return maxPool2d(y, kernel);
}
