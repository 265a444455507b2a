import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { squeeze } from '../movement/reshape.js';
import { adaptiveAverages, averages } from './avgPool2d.js';
import { maxima } from './maxPool2d.js';
import { asRow } from './sequence.js';

/** How the windows of a pool lie. */
export interface SlidingOptions1d {
  /** Default: the kernel's size, so that windows lie side by side. */
  readonly stride?: number;
  /** Places at both ends that windows may reach into; at most half the kernel. Default 0. */
  readonly padding?: number;
  /** Let the last window hang over the end instead of leaving out what does not fill one. Default: false. */
  readonly ceilMode?: boolean;
}

/** How the windows of a maximum pool lie. */
export interface MaxPool1dOptions extends SlidingOptions1d {
  /** Distance between the places of a window. Default 1. */
  readonly dilation?: number;
}

/** How the windows of an average pool lie, and what their sums are divided by. */
export interface AvgPool1dOptions extends SlidingOptions1d {
  /** Count the zeros of the padding as elements. Default: true, as in PyTorch. */
  readonly countIncludePad?: boolean;
}

const pairs = (kernelSize: number, { stride = kernelSize, padding = 0, ceilMode = false }: SlidingOptions1d) => ({
  stride: [1, stride] as const,
  padding: [0, padding] as const,
  ceilMode,
});

/**
 * Largest element of each window of a sequence.
 *
 * y[n,c,j] = max over v < K of x[n, c, j·stride + v·dilation − padding]; padding never wins, NaN does
 *
 * Shapes:   x [N,C,L] (or [C,L]) → [N,C,OL], OL = ⌊(L + 2·padding − dilation·(K − 1) − 1) / stride⌋ + 1
 *           (⌈…⌉ with ceilMode, but no window begins beyond the end)
 * Backward: saves x; the gradient goes to the largest element, the first one where several are equal
 * @throws {ShapeError} when the window is longer than the padded input
 * @throws {ArgumentError} when an option is out of its range
 * @throws {DTypeError} when x is not float32
 * @see same as torch.nn.functional.max_pool1d
 * @example
 * maxPool1d(tensor([[1, 3, 2, 0]]), 2).toArray();   // [[3, 2]]
 */
export function maxPool1d(x: Tensor, kernelSize: number, options: MaxPool1dOptions = {}): Tensor {
  checkArguments(
    'maxPool1d(x, kernelSize=2, { stride: 2, padding: 0, ceilMode: true, dilation: 1 })',
    x,
    kernelSize,
    options,
  );
  const window = { ...pairs(kernelSize, options), dilation: [1, options.dilation ?? 1] as const };
  return squeeze(maxima(asRow('maxPool1d', x), [1, kernelSize], window, 'maxPool1d'), -2);
}

/**
 * Mean of each window of a sequence.
 *
 * y[n,c,j] = Σ_{v < K} x[n, c, j·stride + v − padding] / (K; without countIncludePad, the elements of x in there)
 *
 * Shapes:   x [N,C,L] (or [C,L]) → [N,C,OL], OL = ⌊(L + 2·padding − K) / stride⌋ + 1
 *           (⌈…⌉ with ceilMode, but no window begins beyond the end)
 * Backward: saves nothing; each element of a window receives dy / divisor
 * @throws {ShapeError} when the window is longer than the padded input
 * @throws {ArgumentError} when an option is out of its range
 * @throws {DTypeError} when x is not float32
 * @see same as torch.nn.functional.avg_pool1d
 * @example
 * avgPool1d(tensor([[1, 3, 2, 0]]), 2).toArray();   // [[2, 1]]
 */
export function avgPool1d(x: Tensor, kernelSize: number, options: AvgPool1dOptions = {}): Tensor {
  checkArguments(
    'avgPool1d(x, kernelSize=2, { stride: 2, padding: 0, ceilMode: true, countIncludePad: true })',
    x,
    kernelSize,
    options,
  );
  const window = { ...pairs(kernelSize, options), countIncludePad: options.countIncludePad ?? true };
  return squeeze(averages(asRow('avgPool1d', x), [1, kernelSize], window, 'avgPool1d'), -2);
}

/**
 * Means of windows that cover the sequence, as many as wanted; `adaptiveAvgPool1d(x, 1)` is the global average.
 *
 * y[n,c,j] = mean of x[n, c, ⌊j·L/OL⌋ … ⌈(j+1)·L/OL⌉ − 1]
 *
 * Shapes:   x [N,C,L] (or [C,L]) → [N,C,outputSize]
 * Backward: saves nothing; each element of a window receives dy / size of the window
 * @throws {ShapeError} when x is no sequence, or an empty one
 * @throws {DTypeError} when x is not float32
 * @see same as torch.nn.functional.adaptive_avg_pool1d
 * @example
 * adaptiveAvgPool1d(tensor([[1, 3, 2, 0]]), 2).toArray();   // [[2, 1]]
 */
export function adaptiveAvgPool1d(x: Tensor, outputSize: number): Tensor {
  checkArguments('adaptiveAvgPool1d(x, outputSize=1)', x, outputSize);
  return squeeze(adaptiveAverages(asRow('adaptiveAvgPool1d', x), [1, outputSize], 'adaptiveAvgPool1d'), -2);
}
