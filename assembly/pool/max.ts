import { assertShare, assertWords } from '../assert';
import { leftOfPairs, rightOfPairs, storePairs } from '../simd/pairs';
import { assertPoolShape, PoolShape } from './shape';

/** In memory, so that a register does not have to be filled with it in each step. */
const INFINITE = memory.data<f32>([Infinity]);

/**
 * Largest element of each window, planes [begin, end).
 *
 *     y[p,i,j] = max over u < kernelHeight, v < kernelWidth of x[p, row, column]      (places: see `PoolShape`)
 *
 * over the places inside x (−∞ where there is none); NaN wins. x [planes, height, width], y [planes, outHeight,
 * outWidth].
 *
 * @work (end - begin) * shape.outHeight * shape.outWidth * shape.kernelHeight * shape.kernelWidth
 */
export function f32_max_pool2d_forward(
  y: usize, x: usize, shape: PoolShape, begin: i32, end: i32,
): void {
  assertPoolShape(shape);
  assertShare(begin, end);
  assertWords(y | x);
  const height = shape.height, width = shape.width, outHeight = shape.outHeight, outWidth = shape.outWidth;
  const strideY = shape.strideY, strideX = shape.strideX, top = shape.top, left = shape.left;
  const pairs = shape.arePairs;
  const rowBytes = <usize>width << 2;
  const outBytes = <usize>outWidth << 2;
  let out = y + <usize>(begin * outHeight) * outBytes;
  for (let p = begin; p < end; p++) {
    const plane = x + <usize>(p * height) * rowBytes;
    if (pairs) {
      for (let i = 0, row = plane; i < outHeight; i++, row += 2 * rowBytes, out += outBytes) {
        let j: usize = 0;
        for (; j + 16 <= outBytes; j += 16) fourLargest(out + j, row + 2 * j, rowBytes);
        if (j < outBytes) fourLargest(out + (outBytes - 16), row + 2 * (outBytes - 16), rowBytes);
      }
      continue;
    }
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++, out += 4) {
        const at = placeOfLargest(plane, shape, i * strideY - top, j * strideX - left);
        store<f32>(out, at == 0 ? -<f32>Infinity : load<f32>(at));
      }
    }
  }
}

/** The largest elements of four windows of 2 × 2 side by side. */
// @ts-ignore: decorator
@inline
function fourLargest(out: usize, row: usize, rowBytes: usize): void {
  const first = larger(v128.load(row), v128.load(row + rowBytes));
  const second = larger(v128.load(row, 16), v128.load(row + rowBytes, 16));
  v128.store(out, larger(v128.shuffle<f32>(first, second, 0, 2, 4, 6), v128.shuffle<f32>(first, second, 1, 3, 5, 7)));
}

/** The larger one, lane by lane; NaN if one of the two is. */
// @ts-ignore: decorator
@inline
function larger(a: v128, b: v128): v128 {
  // pmax is one instruction, but gives a where b is NaN.
  return v128.or(f32x4.pmax(a, b), f32x4.ne(b, b));
}

/**
 * dx[p, place of the largest element] += dy[p,i,j]: the first one in a window that has several, as in PyTorch.
 * The places are found again from x. dx is overwritten and overlaps nothing.
 *
 * @work (end - begin) * shape.outHeight * shape.outWidth * shape.kernelHeight * shape.kernelWidth
 */
export function f32_max_pool2d_backward(
  dx: usize, dy: usize, x: usize, shape: PoolShape, begin: i32, end: i32,
): void {
  assertPoolShape(shape);
  assertShare(begin, end);
  assertWords(dx | dy | x);
  const height = shape.height, width = shape.width, outHeight = shape.outHeight, outWidth = shape.outWidth;
  const strideY = shape.strideY, strideX = shape.strideX, top = shape.top, left = shape.left;
  const pairs = shape.arePairs;
  const rowBytes = <usize>width << 2;
  const outBytes = <usize>outWidth << 2;
  // Pairs that cover the image write every element.
  if (!pairs || 2 * outHeight != height || 2 * outWidth != width) {
    memory.fill(dx + <usize>(begin * height) * rowBytes, 0, <usize>((end - begin) * height) * rowBytes);
  }
  let from = dy + (<usize>(begin * outHeight * outWidth) << 2);
  for (let p = begin; p < end; p++) {
    const planeOffset = <usize>(p * height) * rowBytes;
    const plane = x + planeOffset;
    for (let i = 0; i < outHeight; i++) {
      if (pairs) {
        const row = planeOffset + <usize>(2 * i) * rowBytes;
        let j: usize = 0;
        for (; j + 16 <= outBytes; j += 16) fourGradients(dx + row + 2 * j, from + j, x + row + 2 * j, rowBytes);
        if (j < outBytes) {
          j = outBytes - 16;
          fourGradients(dx + row + 2 * j, from + j, x + row + 2 * j, rowBytes);
        }
        from += outBytes;
        continue;
      }
      for (let j = 0; j < outWidth; j++, from += 4) {
        const at = placeOfLargest(plane, shape, i * strideY - top, j * strideX - left);
        if (at != 0) {
          const target = dx + (at - x);
          store<f32>(target, load<f32>(target) + load<f32>(from));
        }
      }
    }
  }
}

/** The gradients of four windows of 2 × 2 side by side. */
// @ts-ignore: decorator
@inline
function fourGradients(target: usize, from: usize, row: usize, rowBytes: usize): void {
  const b = rightOfPairs(row);
  const c = leftOfPairs(row + rowBytes);
  const d = rightOfPairs(row + rowBytes);
  // Each mask: does the largest of the elements before this one stay the largest? (A NaN never is ≤, so it takes over.)
  let largest = comparable(leftOfPairs(row));
  const notB = f32x4.le(b, largest);
  largest = f32x4.pmax(largest, comparable(b));
  const notC = f32x4.le(c, largest);
  largest = f32x4.pmax(largest, comparable(c));
  const notD = f32x4.le(d, largest);
  const gradient = v128.load(from);
  const upToC = v128.and(gradient, notD);
  const upToB = v128.and(upToC, notC);
  storePairs(target, v128.and(upToB, notB), v128.andnot(upToB, notB));
  storePairs(target + rowBytes, v128.andnot(upToC, notC), v128.andnot(gradient, notD));
}

/** x, but ∞ for NaN: only another NaN takes over from it. */
// @ts-ignore: decorator
@inline
function comparable(x: v128): v128 {
  return f32x4.pmin(v128.load32_splat(INFINITE), x);
}

/**
 * Address of the largest element of the window whose corner is (y0, x0); 0 when no place of it lies inside the plane.
 */
function placeOfLargest(plane: usize, shape: PoolShape, y0: i32, x0: i32): usize {
  const height = shape.height, width = shape.width, kernelHeight = shape.kernelHeight, kernelWidth = shape.kernelWidth;
  const dilationY = shape.dilationY, dilationX = shape.dilationX;
  let place: usize = 0;
  let largest: f32 = 0;
  for (let u = 0, row = y0; u < kernelHeight; u++, row += dilationY) {
    if (row < 0 || row >= height) continue;
    for (let v = 0, column = x0; v < kernelWidth; v++, column += dilationX) {
      if (column < 0 || column >= width) continue;
      const at = plane + (<usize>(row * width + column) << 2);
      const value = load<f32>(at);
      if (place == 0 || value > largest || value != value) {
        place = at;
        largest = value;
      }
    }
  }
  return place;
}
