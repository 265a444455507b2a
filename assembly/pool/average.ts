import { assertShare, assertWords } from '../assert';
import { storePairs } from '../simd/pairs';
import { assertPoolShape, PoolShape } from './shape';

/**
 * What the sum of a window is divided by: a number given for all, or the places of the window, with or without padding.
 */
const COUNT_PADDED: i32 = 0;
const COUNT_INSIDE: i32 = -1;

/**
 * Mean of each window, planes [begin, end).
 *
 *     y[p,i,j] = Σ of x over the part inside x of rows i·strideY − top … + kernelHeight, columns likewise, / divisor
 *
 * @param divisor > 0: itself; 0: the places of the window that lie inside the padded image (of which windows hang over
 *   the end where the output size was rounded up); −1: those inside the image itself
 *
 * @work (end - begin) * shape.outHeight * shape.outWidth * shape.kernelHeight * shape.kernelWidth
 */
export function f32_avg_pool2d_forward(
  y: usize, x: usize, shape: PoolShape, divisor: i32, begin: i32, end: i32,
): void {
  assertPoolShape(shape);
  assertShare(begin, end);
  assertWords(y | x);
  const height = shape.height, width = shape.width, outHeight = shape.outHeight, outWidth = shape.outWidth;
  const kernelHeight = shape.kernelHeight, kernelWidth = shape.kernelWidth, strideY = shape.strideY;
  const strideX = shape.strideX;
  const top = shape.top, left = shape.left;
  const pairs = divisor <= 0 && shape.arePairs;
  const rowBytes = <usize>width << 2;
  const outBytes = <usize>outWidth << 2;
  let out = y + <usize>(begin * outHeight) * outBytes;
  for (let p = begin; p < end; p++) {
    const plane = x + (<usize>(p * height) * rowBytes);
    if (pairs) {
      for (let i = 0, row = plane; i < outHeight; i++, row += 2 * rowBytes, out += outBytes) {
        let j: usize = 0;
        for (; j + 16 <= outBytes; j += 16) fourMeans(out + j, row + 2 * j, rowBytes);
        if (j < outBytes) fourMeans(out + (outBytes - 16), row + 2 * (outBytes - 16), rowBytes);
      }
      continue;
    }
    for (let i = 0; i < outHeight; i++) {
      const y0 = i * strideY - top;
      const firstRow = max(y0, 0);
      const lastRow = min(y0 + kernelHeight, height);
      for (let j = 0; j < outWidth; j++, out += 4) {
        const x0 = j * strideX - left;
        const firstColumn = max(x0, 0);
        const lastColumn = min(x0 + kernelWidth, width);
        let sum: f32 = 0;
        for (let row = firstRow; row < lastRow; row++) {
          for (let column = firstColumn; column < lastColumn; column++) {
            sum += load<f32>(plane + (<usize>(row * width + column) << 2));
          }
        }
        // A window without a place inside has the sum 0, and nothing to divide it by.
        store<f32>(out, sum / <f32>max(divisorOf(divisor, y0, x0, shape), 1));
      }
    }
  }
}

/** The means of four windows of 2 × 2 side by side. */
// @ts-ignore: decorator
@inline
function fourMeans(out: usize, row: usize, rowBytes: usize): void {
  const first = f32x4.add(v128.load(row), v128.load(row + rowBytes));
  const second = f32x4.add(v128.load(row, 16), v128.load(row + rowBytes, 16));
  const sum = f32x4.add(v128.shuffle<f32>(first, second, 0, 2, 4, 6), v128.shuffle<f32>(first, second, 1, 3, 5, 7));
  v128.store(out, f32x4.mul(sum, f32x4.splat(0.25)));
}

/**
 * dx = dy / divisor, spread over the window it came from, planes [begin, end). dx is overwritten and overlaps nothing.
 *
 * @work (end - begin) * shape.outHeight * shape.outWidth * shape.kernelHeight * shape.kernelWidth
 */
export function f32_avg_pool2d_backward(
  dx: usize, dy: usize, shape: PoolShape, divisor: i32, begin: i32, end: i32,
): void {
  assertPoolShape(shape);
  assertShare(begin, end);
  assertWords(dx | dy);
  const height = shape.height, width = shape.width, outHeight = shape.outHeight, outWidth = shape.outWidth;
  const kernelHeight = shape.kernelHeight, kernelWidth = shape.kernelWidth, strideY = shape.strideY;
  const strideX = shape.strideX;
  const top = shape.top, left = shape.left;
  const pairs = divisor <= 0 && shape.arePairs;
  const rowBytes = <usize>width << 2;
  // Pairs that cover the image write every element.
  if (!pairs || 2 * outHeight != height || 2 * outWidth != width) {
    memory.fill(dx + <usize>(begin * height) * rowBytes, 0, <usize>((end - begin) * height) * rowBytes);
  }
  const outBytes = <usize>outWidth << 2;
  let from = dy + <usize>(begin * outHeight) * outBytes;
  for (let p = begin; p < end; p++) {
    const plane = dx + <usize>(p * height) * rowBytes;
    if (pairs) {
      for (let i = 0, row = plane; i < outHeight; i++, row += 2 * rowBytes, from += outBytes) {
        let j: usize = 0;
        for (; j + 16 <= outBytes; j += 16) fourQuarters(row + 2 * j, from + j, rowBytes);
        if (j < outBytes) fourQuarters(row + 2 * (outBytes - 16), from + (outBytes - 16), rowBytes);
      }
      continue;
    }
    for (let i = 0; i < outHeight; i++) {
      const y0 = i * strideY - top;
      const firstRow = max(y0, 0);
      const lastRow = min(y0 + kernelHeight, height);
      for (let j = 0; j < outWidth; j++, from += 4) {
        const x0 = j * strideX - left;
        const firstColumn = max(x0, 0);
        const lastColumn = min(x0 + kernelWidth, width);
        const part = load<f32>(from) / <f32>max(divisorOf(divisor, y0, x0, shape), 1);
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

/** Spreads four gradients over their windows of 2 × 2. */
// @ts-ignore: decorator
@inline
function fourQuarters(row: usize, from: usize, rowBytes: usize): void {
  const part = f32x4.mul(v128.load(from), f32x4.splat(0.25));
  storePairs(row, part, part);
  storePairs(row + rowBytes, part, part);
}

/** What the sum of the window with the corner (y0, x0) is divided by. */
// @ts-ignore: decorator
@inline
function divisorOf(divisor: i32, y0: i32, x0: i32, shape: PoolShape): i32 {
  const height = shape.height, width = shape.width, y1 = y0 + shape.kernelHeight, x1 = x0 + shape.kernelWidth;
  if (divisor == COUNT_PADDED) return (min(y1, height + shape.top) - y0) * (min(x1, width + shape.left) - x0);
  if (divisor == COUNT_INSIDE) return max(min(y1, height) - max(y0, 0), 0) * max(min(x1, width) - max(x0, 0), 0);
  return divisor;
}
