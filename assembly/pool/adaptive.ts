import { assertShare, assertSizes, assertWords } from '../assert';
import { f32_sum_contiguous } from '../simd/sum';

/** First place of window i of `count` windows over `length` places. */
// @ts-ignore: decorator
@inline
function firstOf(i: i32, length: i32, count: i32): i32 {
  return i * length / count;
}

/** The place after the last one of window i: the windows overlap where the sizes do not divide. */
// @ts-ignore: decorator
@inline
function lastOf(i: i32, length: i32, count: i32): i32 {
  return ((i + 1) * length + count - 1) / count;
}

/**
 * Means of windows that are as many as wanted, planes [begin, end).
 *
 *     y[p,i,j] = mean of x[p, ⌊i·height/outHeight⌋ … ⌈(i+1)·height/outHeight⌉, columns likewise], summed in double
 *     precision (of the whole
 *     image: eight floats are added first)
 *
 * x [planes, height, width], y [planes, outHeight, outWidth].
 *
 * @work (end - begin) * height * width
 */
export function f32_adaptive_avg_pool2d_forward(
  y: usize, x: usize, height: i32, width: i32, outHeight: i32, outWidth: i32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(y | x);
  assertSizes(height | width | outHeight | outWidth);
  let out = y + (<usize>(begin * outHeight * outWidth) << 2);
  if (outHeight == 1 && outWidth == 1) {
    const size = height * width;
    for (let p = begin; p < end; p++, out += 4) {
      store<f32>(out, <f32>(f32_sum_contiguous(x + (<usize>(p * size) << 2), size) / <f64>size));
    }
    return;
  }
  for (let p = begin; p < end; p++) {
    const plane = x + (<usize>(p * height * width) << 2);
    for (let i = 0; i < outHeight; i++) {
      const firstRow = firstOf(i, height, outHeight);
      const lastRow = lastOf(i, height, outHeight);
      for (let j = 0; j < outWidth; j++, out += 4) {
        const firstColumn = firstOf(j, width, outWidth);
        const lastColumn = lastOf(j, width, outWidth);
        let sum: f64 = 0;
        for (let row = firstRow; row < lastRow; row++) {
          for (let column = firstColumn; column < lastColumn; column++) {
            sum += <f64>load<f32>(plane + (<usize>(row * width + column) << 2));
          }
        }
        store<f32>(out, <f32>(sum / <f64>((lastRow - firstRow) * (lastColumn - firstColumn))));
      }
    }
  }
}

/**
 * dx = dy / size of the window, spread over it, planes [begin, end). dx is overwritten and overlaps nothing.
 *
 * @work (end - begin) * height * width
 */
export function f32_adaptive_avg_pool2d_backward(
  dx: usize, dy: usize, height: i32, width: i32, outHeight: i32, outWidth: i32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(dx | dy);
  assertSizes(height | width | outHeight | outWidth);
  const planeBytes = <usize>(height * width) << 2;
  if (outHeight == 1 && outWidth == 1) {
    for (let p = begin; p < end; p++) {
      fill(dx + <usize>p * planeBytes, load<f32>(dy + (<usize>p << 2)) / <f32>(height * width), planeBytes);
    }
    return;
  }
  memory.fill(dx + <usize>begin * planeBytes, 0, <usize>(end - begin) * planeBytes);
  let from = dy + (<usize>(begin * outHeight * outWidth) << 2);
  for (let p = begin; p < end; p++) {
    const plane = dx + <usize>p * planeBytes;
    for (let i = 0; i < outHeight; i++) {
      const firstRow = firstOf(i, height, outHeight);
      const lastRow = lastOf(i, height, outHeight);
      for (let j = 0; j < outWidth; j++, from += 4) {
        const firstColumn = firstOf(j, width, outWidth);
        const lastColumn = lastOf(j, width, outWidth);
        const part = load<f32>(from) / <f32>((lastRow - firstRow) * (lastColumn - firstColumn));
        for (let row = firstRow; row < lastRow; row++) {
          for (let column = firstColumn; column < lastColumn; column++) {
            const at = plane + (<usize>(row * width + column) << 2);
            store<f32>(at, load<f32>(at) + part);
          }
        }
      }
    }
  }
}

/** `bytes` of the same float. */
function fill(to: usize, value: f32, bytes: usize): void {
  const values = f32x4.splat(value);
  const end = to + bytes;
  for (const whole = to + (bytes & ~15); to < whole; to += 16) v128.store(to, values);
  for (; to < end; to += 4) store<f32>(to, value);
}
