import { assertShare, assertWords } from '../../assert';
import { transposedRow } from '../../simd/transpose';
import { assertConvImages, assertConvShape, ConvShape } from '../shape';
import { BLOCK, BLOCK_BYTES } from '../tuning';
import { addBlocks, appendNonzeros, blocksOfRow, borderedColumns, borderedRows } from './windows';

/** Floats of scratch that `f32_conv2d_sparse_backward_input` needs. */
export function f32_conv2d_sparse_backward_input_scratch(shape: ConvShape): i32 {
  const outChannels = shape.outChannels;
  return outChannels * shape.kernelHeight * BLOCK * blocksOfRow(shape)
    + shape.channels * borderedRows(shape) * borderedColumns(shape) + BLOCK + shape.pixels * (2 * outChannels + 1) + 8;
}

/**
 * The gradient of `f32_conv2d_direct_backward_input` for a dy of many zeros, images [begin, end); no dilation, no
 * groups, no bias.
 *
 *     dx[n,c,h,w] = Σ_{o,u,v} weight[o,c,u,v] · dy[n,o,i,j]   over h = i·strideY + u − top, w likewise
 *
 * Summed over u and v from the last to the first, then o, as there; zeros left out. dy and the weight must be finite.
 *
 * For each pixel of dy, the non-zeros of its channels are listed, with where the weights of their channel are. They are
 * added, row by row, to the pixel's window of an image with its border, which is taken apart when all pixels are done.
 *
 * @param scratch `f32_conv2d_sparse_backward_input_scratch(shape)` floats
 * @work (end - begin) * shape.outChannels * shape.outHeight * shape.outWidth * shape.channels * shape.kernelHeight *
 * shape.kernelWidth / 16
 */
export function f32_conv2d_sparse_backward_input(
  dx: usize, dy: usize, weight: usize, shape: ConvShape, scratch: usize, begin: i32, end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertConvImages(shape, dx, dy);
  assertWords(dx | dy | weight | scratch);
  const channels = shape.channels, height = shape.height, width = shape.width;
  const outChannels = shape.outChannels, outHeight = shape.outHeight, outWidth = shape.outWidth;
  const kernelHeight = shape.kernelHeight, strideY = shape.strideY, pixels = shape.pixels;
  const rowBytes = <usize>(borderedColumns(shape) * channels) << 2;
  const pixelBytes = <usize>(shape.strideX * channels) << 2;
  const imageBytes = <usize>borderedRows(shape) * rowBytes;
  const windowRowBytes = <usize>blocksOfRow(shape) * BLOCK_BYTES;
  const windowBytes = <usize>kernelHeight * windowRowBytes;

  const weights = scratch;
  const sums = weights + <usize>outChannels * windowBytes;
  const ends = sums + imageBytes + BLOCK_BYTES;
  const lists = ends + (<usize>pixels << 2);
  const listBytes = <usize>outChannels << 2;
  const distance = <usize>pixels * listBytes + 16;
  packWindows(weights, weight, shape, windowRowBytes);

  for (let image = begin; image < end; image++) {
    listPixels(
      lists, ends, distance, dy + (<usize>(image * outChannels * pixels) << 2), pixels, outChannels, windowBytes);
    memory.fill(sums, 0, imageBytes);
    let list = lists;
    let lastOf = ends;
    for (let i = 0; i < outHeight; i++) {
      let corner = sums + <usize>(i * strideY) * rowBytes;
      for (let j = 0; j < outWidth; j++, corner += pixelBytes, list += listBytes, lastOf += 4) {
        const last = <usize>load<u32>(lastOf);
        if (list == last) continue;
        let to = corner;
        let from = weights;
        for (let u = 0; u < kernelHeight; u++, to += rowBytes, from += windowRowBytes) {
          for (let block: usize = 0; block < windowRowBytes; block += BLOCK_BYTES) {
            addBlocks(to + block, list, last - list, distance, from + block);
          }
        }
      }
    }
    takeChannels(
      dx + (<usize>(image * channels * height * width) << 2),
      sums + <usize>shape.top * rowBytes + (<usize>(shape.left * channels) << 2),
      channels, height, width, rowBytes);
  }
}

/** weight [O,C,KH,KW] → [O][KH][rows of (v, c), filled up with zeros to whole blocks]. */
function packWindows(to: usize, weight: usize, shape: ConvShape, windowRowBytes: usize): void {
  const channels = shape.channels, outChannels = shape.outChannels, kernelHeight = shape.kernelHeight;
  const kernelWidth = shape.kernelWidth;
  memory.fill(to, 0, <usize>(outChannels * kernelHeight) * windowRowBytes);
  for (let o = 0; o < outChannels; o++) {
    for (let c = 0; c < channels; c++) {
      for (let u = 0; u < kernelHeight; u++) {
        const row = to + <usize>(o * kernelHeight + u) * windowRowBytes;
        for (let v = 0; v < kernelWidth; v++, weight += 4) {
          store<f32>(row + (<usize>(v * channels + c) << 2), load<f32>(weight));
        }
      }
    }
  }
}

/**
 * The non-zeros of each pixel of dy [O, pixels], in the order of o: their values, and `distance` bytes on, where their
 * weights are.
 */
function listPixels(
  lists: usize, ends: usize, distance: usize, dy: usize, pixels: i32, outChannels: i32, windowBytes: usize,
): void {
  const listBytes = <usize>outChannels << 2;
  const plane = <usize>pixels << 2;
  const fours = outChannels & ~3;
  const step = i32x4.splat(<i32>windowBytes << 2);
  let pixel = 0;
  for (; pixel + 4 <= pixels; pixel += 4, dy += 16, lists += 4 * listBytes, ends += 16) {
    let end0 = lists, end1 = lists + listBytes, end2 = lists + 2 * listBytes, end3 = lists + 3 * listBytes;
    let from = dy;
    let weights = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(<i32>windowBytes));
    for (let o = 0; o < fours; o += 4, from += 4 * plane, weights = i32x4.add(weights, step)) {
      const r0 = v128.load(from), r1 = v128.load(from + plane), r2 = v128.load(from + 2 * plane);
      const r3 = v128.load(from + 3 * plane);
      end0 += appendNonzeros(end0, end0 + distance, transposedRow(0, r0, r1, r2, r3), weights);
      end1 += appendNonzeros(end1, end1 + distance, transposedRow(1, r0, r1, r2, r3), weights);
      end2 += appendNonzeros(end2, end2 + distance, transposedRow(2, r0, r1, r2, r3), weights);
      end3 += appendNonzeros(end3, end3 + distance, transposedRow(3, r0, r1, r2, r3), weights);
    }
    store<u32>(ends, <u32>listChannels(end0, distance, from, plane, fours, outChannels, windowBytes));
    store<u32>(ends, <u32>listChannels(end1, distance, from + 4, plane, fours, outChannels, windowBytes), 4);
    store<u32>(ends, <u32>listChannels(end2, distance, from + 8, plane, fours, outChannels, windowBytes), 8);
    store<u32>(ends, <u32>listChannels(end3, distance, from + 12, plane, fours, outChannels, windowBytes), 12);
  }
  for (; pixel < pixels; pixel++, dy += 4, lists += listBytes, ends += 4) {
    store<u32>(ends, <u32>listChannels(lists, distance, dy, plane, 0, outChannels, windowBytes));
  }
}

/** Appends the non-zeros of the channels from o on to the list of one pixel; returns its end. */
function listChannels(
  end: usize, distance: usize, from: usize, plane: usize, o: i32, outChannels: i32, windowBytes: usize,
): usize {
  for (; o < outChannels; o++, from += plane) {
    const value = load<f32>(from);
    store<f32>(end, value);
    store<u32>(end + distance, <u32>(<usize>o * windowBytes));
    end += <usize>(value != 0) << 2;
  }
  return end;
}

/** [height][width][channels], rows `rowBytes` apart → [channels, height, width]. */
function takeChannels(to: usize, from: usize, channels: i32, height: i32, width: i32, rowBytes: usize): void {
  const pixel = <usize>channels << 2;
  for (let c = 0; c < channels; c++, from += 4) {
    for (let h = 0, row = from; h < height; h++, row += rowBytes) {
      const end = to + (<usize>width << 2);
      for (let at = row; to < end; to += 4, at += pixel) store<f32>(to, load<f32>(at));
    }
  }
}
