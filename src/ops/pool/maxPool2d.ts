import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { withRecord } from '../../runtime/records.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { imageResult, imageShape, type Pair, type SlidingOptions, sliding } from './window.js';

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
