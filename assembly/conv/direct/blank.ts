import { ConvShape } from '../shape';

/*
 * Where a padded image of one channel is blank. Most of a drawing is zeros, and so are all inputs of half the tiles of
 * outputs: such tiles need no taps. The bits are those of the full sum, as long as weights are finite and no bias is
 * −0.
 *
 *     mask of a row of outputs:  bit b is set when floats 8·b to 8·b + 7 of a padded row that it meets are not all zero
 */

/** Whether zeros of the image may be passed over. */
export function blanksAddNothing(weight: usize, weights: i32, bias: usize, outputs: i32): bool {
  let sum: f32 = 0;
  for (let i = 0; i < weights; i++) sum += 0 * load<f32>(weight + (<usize>i << 2));
  if (sum != 0) return false;
  if (bias != 0) for (let i = 0; i < outputs; i++) if (load<u32>(bias + (<usize>i << 2)) == 0x80000000) return false;
  return true;
}

/**
 * Writes the masks of the rows of outputs. Each meets kernelHeight rows of the padded image. May read eight floats past
 * the image, which cost time at most.
 *
 * @param rowMasks one integer for each of `rows` padded rows, which are used on the way
 */
export function markRows(masks: usize, rowMasks: usize, padded: usize, rows: i32, pitch: i32, shape: ConvShape): void {
  const zero = f32x4.splat(0);
  for (let row = 0, to = rowMasks; row < rows; row++, to += 4, padded += <usize>pitch << 2) {
    let mask: u32 = 0;
    let bit: u32 = 1;
    for (let at = padded, end = padded + (<usize>pitch << 2); at < end; at += 32, bit <<= 1) {
      if (v128.any_true(v128.or(f32x4.ne(v128.load(at), zero), f32x4.ne(v128.load(at, 16), zero)))) mask |= bit;
    }
    store<u32>(to, mask);
  }
  const outHeight = shape.outHeight, kernelHeight = shape.kernelHeight, stride = shape.strideY;
  const dilation = shape.dilationY;
  for (let i = 0; i < outHeight; i++, masks += 4) {
    let mask: u32 = 0;
    for (let u = 0; u < kernelHeight; u++) mask |= load<u32>(rowMasks + (<usize>(i * stride + u * dilation) << 2));
    store<u32>(masks, mask);
  }
}

/** Whether the columns [first, first + count) of the rows with this mask are blank. */
// @ts-ignore: decorator
@inline
export function isBlank(mask: u32, first: i32, count: i32): bool {
  return (mask & (((<u32>2) << ((first + count - 1) >> 3)) - (<u32>1 << (first >> 3)))) == 0;
}
