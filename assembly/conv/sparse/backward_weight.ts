import { assertShare, assertSizes, assertWords } from '../../assert';
import { f32x4_madd, x32x4_load_tail } from '../../simd/vector';
import { assertConvShape, ConvShape } from '../shape';
import { BLOCK, BLOCK_BYTES, IMAGES_BYTES, NARROW } from '../tuning';
import { addBlocks, appendNonzeros, blocksOfRow, borderedColumns, borderedRows, copyChannelsLast } from './windows';

/** Images that are worked on together, of so many floats. */
// @ts-ignore: decorator
@inline
function imagesTogether(floats: i32): i32 {
  return max(IMAGES_BYTES / 4 / floats, 1);
}

/** Floats of scratch that `f32_conv2d_sparse_backward_weight` needs. */
export function f32_conv2d_sparse_backward_weight_scratch(shape: ConvShape): i32 {
  const floats = shape.channels * borderedRows(shape) * borderedColumns(shape);
  const together = imagesTogether(floats);
  const pixels = shape.pixels;
  return shape.outChannels * shape.kernelHeight * BLOCK * blocksOfRow(shape) + together * floats + BLOCK + pixels
    + 2 * (together * pixels + 4);
}

/**
 * The sums of `f32_conv2d_lanes_backward_weight` for a dy of many zeros, chunks [begin, end); no dilation, no groups.
 *
 *     partial[chunk,o,c,u,v] = Σ_{n in chunk} Σ_{i,j} dy[n,o,i,j] · x[n, c, i·strideY + u − top, j·strideX + v − left]
 *
 * Chunk k holds the images [k·chunkImages, (k+1)·chunkImages). Summed over n, i, j in their order, zeros left out. x
 * must be finite.
 *
 * For each output channel, the non-zeros of a few images are listed, each with the place of its window in those images:
 * values and offsets, two lists side by side. Then each row of the window is summed over the list, in registers.
 *
 * @param partial [chunks, outChannels, channels, kernelHeight, kernelWidth]; overwritten
 * @param scratch `f32_conv2d_sparse_backward_weight_scratch(shape)` floats
 * @work (end - begin) * chunkImages * shape.outChannels * shape.outHeight * shape.outWidth * shape.channels *
 * shape.kernelHeight * shape.kernelWidth / 16
 */
export function f32_conv2d_sparse_backward_weight(
  partial: usize, dy: usize, x: usize, shape: ConvShape, scratch: usize, chunkImages: i32, begin: i32, end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertWords(partial | dy | x | scratch);
  assertSizes(chunkImages);
  const images = shape.images, channels = shape.channels, outChannels = shape.outChannels;
  const outHeight = shape.outHeight, outWidth = shape.outWidth, kernelHeight = shape.kernelHeight;
  const kernelWidth = shape.kernelWidth, strideY = shape.strideY, strideX = shape.strideX;
  const pixels = shape.pixels;
  const columns = borderedColumns(shape);
  const rowBytes = <usize>(columns * channels) << 2;
  const imageBytes = <usize>borderedRows(shape) * rowBytes;
  const together = imagesTogether(<i32>imageBytes >> 2);
  const windowRowBytes = <usize>blocksOfRow(shape) * BLOCK_BYTES;
  const windowBytes = <usize>kernelHeight * windowRowBytes;
  const narrow = kernelWidth * channels <= NARROW;

  const sums = scratch;
  const inputs = sums + <usize>outChannels * windowBytes;
  const places = inputs + <usize>together * imageBytes + BLOCK_BYTES;
  const values = places + (<usize>pixels << 2);
  const offsets = values + (<usize>(together * pixels + 4) << 2);
  for (let i = 0, place = places; i < outHeight; i++) {
    for (let j = 0; j < outWidth; j++, place += 4) {
      store<u32>(place, <u32>(<usize>(i * strideY) * rowBytes) + (j * strideX * channels << 2));
    }
  }
  // The borders stay zeros.
  memory.fill(inputs, 0, places - inputs);

  for (let chunk = begin; chunk < end; chunk++) {
    memory.fill(sums, 0, inputs - sums);
    const last = min((chunk + 1) * chunkImages, images);
    for (let first = chunk * chunkImages; first < last; first += together) {
      const count = min(together, last - first);
      for (let n = 0; n < count; n++) {
        copyChannelsLast(inputs + <usize>n * imageBytes, x + <usize>(first + n) * shape.imageBytes, shape, columns);
      }
      for (let o = 0; o < outChannels; o++) {
        let listed: usize = 0;
        for (let n = 0; n < count; n++) {
          listed += listPlane(
            values + listed, offsets + listed, dy + (<usize>(((first + n) * outChannels + o) * pixels) << 2), places,
            pixels, <u32>(<usize>n * imageBytes));
        }
        if (listed == 0) continue;
        let sum = sums + <usize>o * windowBytes;
        let from = inputs;
        let u = 0;
        if (narrow) {
          for (; u + 5 <= kernelHeight; u += 5, sum += 5 * BLOCK_BYTES, from += 5 * rowBytes) {
            sum5x2(sum, values, offsets, listed, from, rowBytes);
          }
          for (; u + 3 <= kernelHeight; u += 3, sum += 3 * BLOCK_BYTES, from += 3 * rowBytes) {
            sum3x2(sum, values, offsets, listed, from, rowBytes);
          }
        }
        for (; u < kernelHeight; u++, sum += windowRowBytes, from += rowBytes) {
          for (let block: usize = 0; block < windowRowBytes; block += BLOCK_BYTES) {
            addBlocks(sum + block, values, listed, offsets - values, from + block);
          }
        }
      }
    }
    let to = partial + (<usize>(chunk * outChannels * channels * kernelHeight * kernelWidth) << 2);
    for (let o = 0; o < outChannels; o++) {
      for (let c = 0; c < channels; c++) {
        for (let u = 0; u < kernelHeight; u++) {
          const row = sums + <usize>(o * kernelHeight + u) * windowRowBytes;
          for (let v = 0; v < kernelWidth; v++, to += 4) {
            store<f32>(to, load<f32>(row + (<usize>(v * channels + c) << 2)));
          }
        }
      }
    }
  }
}

/** Appends the non-zeros of one plane of dy; returns by how many bytes. */
function listPlane(values: usize, offsets: usize, plane: usize, places: usize, pixels: i32, base: u32): usize {
  const start = values;
  const distance = offsets - values;
  const bases = i32x4.splat(base);
  const end = plane + (<usize>(pixels & ~3) << 2);
  for (; plane < end; plane += 16, places += 16) {
    values += appendNonzeros(values, values + distance, v128.load(plane), i32x4.add(v128.load(places), bases));
  }
  const left = pixels & 3;
  if (left > 0) {
    values += appendNonzeros(
      values, values + distance, x32x4_load_tail(plane, left), i32x4.add(x32x4_load_tail(places, left), bases));
  }
  return values - start;
}

function sum5x2(
  sums: usize, values: usize, offsets: usize, listed: usize, from: usize, rowBytes: usize,
): void {
  sumRows(sums, values, offsets, listed, from, rowBytes, 5);
}
function sum3x2(
  sums: usize, values: usize, offsets: usize, listed: usize, from: usize, rowBytes: usize,
): void {
  sumRows(sums, values, offsets, listed, from, rowBytes, 3);
}

/**
 * The first eight floats of five or three neighbouring rows of the window, each a block of sums. (The branches: see
 * `TileOperands.parted`.)
 */
// @ts-ignore: decorator
@inline
function sumRows(
  sums: usize, values: usize, offsets: usize, listed: usize, from: usize, rowBytes: usize, rows: i32,
): void {
  let s00 = v128.load(sums), s01 = v128.load(sums, 16), s10 = v128.load(sums, 128), s11 = v128.load(sums, 144);
  let s20 = v128.load(sums, 256), s21 = v128.load(sums, 272);
  let s30 = rows > 3 ? v128.load(sums, 384) : s00, s31 = rows > 3 ? v128.load(sums, 400) : s00;
  let s40 = rows > 3 ? v128.load(sums, 512) : s00, s41 = rows > 3 ? v128.load(sums, 528) : s00;
  const end = values + listed;
  do {
    let at = from + load<u32>(offsets);
    const value = v128.load32_splat(values);
    s00 = f32x4_madd(value, v128.load(at), s00);
    s01 = f32x4_madd(value, v128.load(at, 16), s01);
    at += rowBytes;
    s10 = f32x4_madd(value, v128.load(at), s10);
    s11 = f32x4_madd(value, v128.load(at, 16), s11);
    if (at == 1) break;
    at += rowBytes;
    s20 = f32x4_madd(value, v128.load(at), s20);
    s21 = f32x4_madd(value, v128.load(at, 16), s21);
    if (rows > 3) {
      if (at == 1) break;
      at += rowBytes;
      s30 = f32x4_madd(value, v128.load(at), s30);
      s31 = f32x4_madd(value, v128.load(at, 16), s31);
      at += rowBytes;
      s40 = f32x4_madd(value, v128.load(at), s40);
      s41 = f32x4_madd(value, v128.load(at, 16), s41);
    }
    values += 4;
    offsets += 4;
  } while (values != end);
  v128.store(sums, s00);
  v128.store(sums, s01, 16);
  v128.store(sums, s10, 128);
  v128.store(sums, s11, 144);
  v128.store(sums, s20, 256);
  v128.store(sums, s21, 272);
  if (rows > 3) {
    v128.store(sums, s30, 384);
    v128.store(sums, s31, 400);
    v128.store(sums, s40, 512);
    v128.store(sums, s41, 528);
  }
}
