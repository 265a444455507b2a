import { leftOfPairs } from '../simd/pairs';
import { ConvShape } from './shape';

/*
 * The padded image: what the direct kernels read that work on one image at a time. An image is copied once into scratch
 * memory with its border of zeros, and with its columns sorted by their remainder modulo the stride, so that whatever
 * the stride, padding and dilation, the inputs of neighbouring outputs are neighbours in memory and no kernel has to
 * look for the border.
 *
 *     stride 1, padding 1               stride 2, padding 1: even padded columns, then odd ones
 *     0 0 0 0 0 0  .                    0 0 0 .   0 0 0 .
 *     0 a b c d 0  .                    0 b d .   a c 0 .
 *     0 e f g h 0  .                    0 f h .   e g 0 .
 *     0 0 0 0 0 0  .                    0 0 0 .   0 0 0 .
 *
 * `.` are zeros too, up to the `pitch`: they let a kernel read whole vectors past the last output of a row. One row
 * takes `stride` · `pitch` floats.
 */

/**
 * Copies [channels, height, width] into a padded image whose borders already hold zeros. Steps and pads in elements.
 * Only rows whose remainder modulo `strideY` is below `spanY` are needed, and columns likewise.
 */
export function copyIntoPadded(
  padded: usize, image: usize, channels: i32, height: i32, width: i32, rows: i32, pitch: i32,
  strideY: i32, spanY: i32, strideX: i32, spanX: i32, top: i32, left: i32,
): void {
  // Rows [firstRow, lastRow) of the padded image lie inside the image. Negative pads crop.
  const firstRow = max(top, 0);
  const lastRow = min(rows, height + top);
  for (let channel = 0; channel < channels; channel++) {
    let source = image + (<usize>((channel * height + firstRow - top) * width) << 2);
    let target = padded + (<usize>((channel * rows + firstRow) * strideX * pitch) << 2);
    if (strideX == 1 && spanY >= strideY) {
      copyRows(target, pitch, source, width, lastRow - firstRow, left);
      continue;
    }
    for (
      let row = firstRow; row < lastRow; row++, source += <usize>width << 2, target += <usize>(strideX * pitch) << 2
    ) {
      if (row % strideY >= spanY) continue;
      if (strideX == 1) copyRows(target, pitch, source, width, 1, left);
      else {
        for (let phase = 0; phase < min(strideX, spanX); phase++) {
          copyPhase(target + (<usize>(phase * pitch) << 2), source, width, pitch, strideX, left - phase);
        }
      }
    }
  }
}

/**
 * Copies the pixels that the outputs of a 1 × 1 kernel meet into planes of `planeSize` floats that hold zeros, rows
 * without gaps.
 */
export function copySamples(planes: usize, image: usize, shape: ConvShape, planeSize: i32): void {
  const channels = shape.channels, height = shape.height, width = shape.width, outHeight = shape.outHeight;
  const outWidth = shape.outWidth, strideY = shape.strideY, strideX = shape.strideX, top = shape.top;
  const left = shape.left;
  for (let channel = 0; channel < channels; channel++) {
    let target = planes + (<usize>(channel * planeSize) << 2);
    for (let i = 0; i < outHeight; i++, target += <usize>outWidth << 2) {
      const row = i * strideY - top;
      if (row < 0 || row >= height) continue;
      const source = image + (<usize>((channel * height + row) * width) << 2);
      if (strideX == 1) copyRows(target, outWidth, source, width, 1, left);
      else copyPhase(target, source, width, outWidth, strideX, left);
    }
  }
}

/** Rows of `width` floats, moved `left` columns to the right, into rows of `pitch` floats. */
function copyRows(target: usize, pitch: i32, source: usize, width: i32, rows: i32, left: i32): void {
  const first = max(left, 0);
  const count = min(pitch, width + left) - first;
  let to = target + (<usize>first << 2);
  let from = source + (<usize>(first - left) << 2);
  // Where the columns are no multiple of four, the last four of them are copied as one, in part a second time.
  const last = <usize>(count - 4) << 2;
  for (; rows > 0; rows--, to += <usize>pitch << 2, from += <usize>width << 2) {
    if (count < 4) {
      for (let i = 0; i < count; i++) store<f32>(to + (<usize>i << 2), load<f32>(from + (<usize>i << 2)));
      continue;
    }
    let at: usize = 0;
    for (; at + 16 < last; at += 32) {
      v128.store(to + at, v128.load(from + at));
      v128.store(to + at, v128.load(from + at, 16), 16);
    }
    if (at < last) v128.store(to + at, v128.load(from + at));
    v128.store(to + last, v128.load(from + last));
  }
}

/** Columns j·stride − left of a row, for the j where they exist. */
function copyPhase(target: usize, source: usize, width: i32, pitch: i32, stride: i32, left: i32): void {
  let j = left > 0 ? (left + stride - 1) / stride : 0;
  let column = j * stride - left;
  if (stride == 2) {
    for (; j + 4 <= pitch && column + 8 <= width; j += 4, column += 8) {
      v128.store(target + (<usize>j << 2), leftOfPairs(source + (<usize>column << 2)));
    }
  }
  for (; j < pitch && column < width; j++, column += stride) {
    store<f32>(target + (<usize>j << 2), load<f32>(source + (<usize>column << 2)));
  }
}
