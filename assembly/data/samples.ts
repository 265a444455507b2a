/**
 * Batches out of a data set: the samples that a list of indices names, as float32, put to scale on the way. The data
 * set stays as it is (images as bytes), so it takes a quarter of the memory and each batch is touched once.
 *
 *   out[n] = x[indices[n]]     n: place in the batch, [begin, end) a share of the batch
 *
 * A sample is `channels` planes. Bytes become v/255, correctly rounded; with `mean` and `std` (a float per channel;
 * address 0: none), every value then becomes (v − mean)/std, rounded after each step.
 */
import { assertShare, assertSizes, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { u32_philox } from '../random/philox';

/** Images and the window on them, as the augmenting kernels read them from memory: see `f32_gather_augmented_u8`. */
@unmanaged
class AugmentShape {
  channels: i32;
  height: i32;
  width: i32;
  rows: i32;
  columns: i32;
  top: i32;
  down: i32;
  left: i32;
  right: i32;
  flip: i32;
}

function assertAugmentShape(shape: AugmentShape): void {
  if (ASC_NO_ASSERT) return;
  assertSizes(shape.channels | shape.height | shape.width | shape.rows | shape.columns | shape.down | shape.right);
  assert((shape.flip | 1) == 1, 'augmentation: 0 or 1 is expected for flip');
}

/** How values are read, four or one at a time. `index` counts elements. */
abstract class Source {
  abstract four(x: usize, index: usize): v128;
  abstract one(x: usize, index: usize): f32;
}

class Bytes extends Source {
  // @ts-ignore: decorator
  @inline
  four(x: usize, index: usize): v128 {
    const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x + index)));
    return f32x4.div(f32x4.convert_i32x4_s(wide), f32x4.splat(255));
  }

  // @ts-ignore: decorator
  @inline
  one(x: usize, index: usize): f32 { return <f32>load<u8>(x + index) / 255; }
}

class Floats extends Source {
  // @ts-ignore: decorator
  @inline
  four(x: usize, index: usize): v128 { return v128.load(x + (index << 2)); }

  // @ts-ignore: decorator
  @inline
  one(x: usize, index: usize): f32 { return load<f32>(x + (index << 2)); }
}

/**
 * out[n], rows of `row` elements of 32 bits each, = row indices[n] of x for n in [begin, end). @work (end - begin) *
 * row
 */
export function x32_gather_rows(out: usize, x: usize, indices: usize, row: i32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(out | x | indices);
  assertSizes(row);
  const bytes = <usize>row << 2;
  for (let n = begin; n < end; n++) memory.copy(out + <usize>n * bytes, x + index(indices, n) * bytes, bytes);
}

/** Samples of bytes; see above. `plane`: elements of a plane. @work (end - begin) * channels * plane */
export function f32_gather_u8(
  out: usize, x: usize, indices: usize, mean: OptionalAddress, std: OptionalAddress, channels: i32, plane: i32,
  begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(out | indices | mean | std);
  assertSizes(channels | plane);
  gather<Bytes>(out, x, indices, mean, std, channels, plane, begin, end);
}

/** Samples of float32; see above. `plane`: elements of a plane. @work (end - begin) * channels * plane */
export function f32_gather_f32(
  out: usize, x: usize, indices: usize, mean: OptionalAddress, std: OptionalAddress, channels: i32, plane: i32,
  begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(out | x | indices | mean | std);
  assertSizes(channels | plane);
  gather<Floats>(out, x, indices, mean, std, channels, plane, begin, end);
}

/**
 * Images of bytes, [height, width] a plane, each seen through a window [rows, columns] that is laid down at random, and
 * mirrored left to right at random where `flip` is 1. What lies outside of the image counts as 0 (before mean and std).
 *
 * The window's first row is top + d of the image, its first column left + r, where d is in [0, down] and r in [0,
 * right], each number equally likely (to 2⁻³²·(down + 1)); an image is mirrored with probability ½. The numbers of an
 * image are words 0, 1 and 2 of the Philox block of counter (its index in x, 0, epoch, 0) under the key (seed, stream):
 * they depend neither on the batch it is in nor on the thread.
 *
 * @work (end - begin) * shape.channels * shape.rows * shape.columns * 2
 */
export function f32_gather_augmented_u8(
  out: usize, x: usize, indices: usize, mean: OptionalAddress, std: OptionalAddress, shape: AugmentShape, seed: i32,
  stream: i32, epoch: i32, begin: i32, end: i32,
): void {
  assertAugmentShape(shape);
  assertShare(begin, end);
  assertWords(out | indices | mean | std);
  augment<Bytes>(out, x, indices, mean, std, shape, seed, stream, epoch, begin, end);
}

/** The same for images of float32. @work (end - begin) * shape.channels * shape.rows * shape.columns * 2 */
export function f32_gather_augmented_f32(
  out: usize, x: usize, indices: usize, mean: OptionalAddress, std: OptionalAddress, shape: AugmentShape, seed: i32,
  stream: i32, epoch: i32, begin: i32, end: i32,
): void {
  assertAugmentShape(shape);
  assertShare(begin, end);
  assertWords(out | x | indices | mean | std);
  augment<Floats>(out, x, indices, mean, std, shape, seed, stream, epoch, begin, end);
}

// @ts-ignore: decorator
@inline
function index(indices: usize, n: i32): usize { return <usize>load<i32>(indices + (<usize>n << 2)); }

// @ts-ignore: decorator
@inline
function gather<S extends Source>(
  out: usize, x: usize, indices: usize, mean: usize, std: usize, channels: i32, plane: i32, begin: i32, end: i32,
): void {
  const sample = <usize>channels * <usize>plane;
  for (let n = begin; n < end; n++) {
    let to = out + ((<usize>n * sample) << 2);
    let from = index(indices, n) * sample;
    if (std == 0) {
      copyRow<S>(to, x, from, <i32>sample, 0, 1, false);
    } else {
      for (let c = 0; c < channels; c++) {
        copyRow<S>(to, x, from, plane, load<f32>(mean + (<usize>c << 2)), load<f32>(std + (<usize>c << 2)), true);
        to += <usize>plane << 2;
        from += <usize>plane;
      }
    }
  }
}

/** out[i] = x[from + i] for i < count; standardised where a literal true says so. */
// @ts-ignore: decorator
@inline
function copyRow<S extends Source>(
  out: usize, x: usize, from: usize, count: i32, mean: f32, std: f32, standardise: bool,
): void {
  const means = f32x4.splat(mean);
  const stds = f32x4.splat(std);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    let four = changetype<S>(0).four(x, from + <usize>i);
    if (standardise) four = f32x4.div(f32x4.sub(four, means), stds);
    v128.store(out + (<usize>i << 2), four);
  }
  for (; i < count; i++) {
    let one = changetype<S>(0).one(x, from + <usize>i);
    if (standardise) one = (one - mean) / std;
    store<f32>(out + (<usize>i << 2), one);
  }
}

/** out[count − 1 − i] = (x[from + i] − mean)/std for i < count. */
// @ts-ignore: decorator
@inline
function copyRowMirrored<S extends Source>(out: usize, x: usize, from: usize, count: i32, mean: f32, std: f32): void {
  const means = f32x4.splat(mean);
  const stds = f32x4.splat(std);
  let to = out + (<usize>count << 2);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const four = f32x4.div(f32x4.sub(changetype<S>(0).four(x, from + <usize>i), means), stds);
    to -= 16;
    v128.store(to, v128.shuffle<f32>(four, four, 3, 2, 1, 0));
  }
  for (; i < count; i++) {
    to -= 4;
    store<f32>(to, (changetype<S>(0).one(x, from + <usize>i) - mean) / std);
  }
}

/** A number in [0, most] from a random word. */
// @ts-ignore: decorator
@inline
function upTo(most: i32, word: u32): i32 { return <i32>((<u64>word * (<u64>most + 1)) >> 32); }

// @ts-ignore: decorator
@inline
function augment<S extends Source>(
  out: usize, x: usize, indices: usize, mean: usize, std: usize, shape: AugmentShape, seed: i32, stream: i32,
  epoch: i32, begin: i32, end: i32,
): void {
  const channels = shape.channels, height = shape.height, width = shape.width, rows = shape.rows;
  const columns = shape.columns;
  const top = shape.top, down = shape.down, left = shape.left, right = shape.right, flip = shape.flip;
  for (let n = begin; n < end; n++) {
    const image = index(indices, n);
    const first = top + upTo(down, u32_philox(<u32>image, 0, epoch, 0, seed, stream, 0));
    const offset = left + upTo(right, u32_philox(<u32>image, 0, epoch, 0, seed, stream, 1));
    const mirrored = flip != 0 && <i32>u32_philox(<u32>image, 0, epoch, 0, seed, stream, 2) >= 0;
    // Columns [from, to) of the window show the image; those before and after show zeros.
    const from = min(max(-offset, 0), columns);
    const to = max(min(width - offset, columns), from);
    for (let c = 0; c < channels; c++) {
      const plane = (image * <usize>channels + <usize>c) * <usize>height * <usize>width;
      const m = std == 0 ? <f32>0 : load<f32>(mean + (<usize>c << 2));
      const s = std == 0 ? <f32>1 : load<f32>(std + (<usize>c << 2));
      const zero: f32 = (0 - m) / s;
      for (let r = 0; r < rows; r++) {
        const row = out
          + (((((<usize>n * <usize>channels + <usize>c) * <usize>rows + <usize>r) * <usize>columns)) << 2);
        const y = first + r;
        if (y < 0 || y >= height) {
          fillRow(row, zero, columns);
          continue;
        }
        const source = plane + <usize>y * <usize>width + <usize>(offset + from);
        if (mirrored) {
          fillRow(row, zero, columns - to);
          copyRowMirrored<S>(row + (<usize>(columns - to) << 2), x, source, to - from, m, s);
          fillRow(row + (<usize>(columns - from) << 2), zero, from);
        } else {
          fillRow(row, zero, from);
          copyRow<S>(row + (<usize>from << 2), x, source, to - from, m, s, true);
          fillRow(row + (<usize>to << 2), zero, columns - to);
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function fillRow(out: usize, value: f32, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(out + (<usize>i << 2), value);
}
