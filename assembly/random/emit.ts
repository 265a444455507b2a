/** What becomes of the 16 random words of a group. */
export abstract class Emit {
  /**
   * Writes those of the elements group … group + 15 that lie in [begin, end).
   * w0 … w3 are the words of elements +0 … +3, +4 … +7, +8 … +11, +12 … +15; a, b, limit are the scalars of the fill.
   */
  abstract emit(
    out: usize, group: i32, begin: i32, end: i32, w0: v128, w1: v128, w2: v128, w3: v128, a: f32, b: f32, limit: f32,
  ): void;
}

/** Writes four elements of 32 bits, or those of them that lie in [begin, end). */
// @ts-ignore: decorator
@inline
export function put(out: usize, element: i32, begin: i32, end: i32, value: v128): void {
  const address = out + (<usize>element << 2);
  if (element >= begin && element + 4 <= end) v128.store(address, value);
  else putPart(address, begin - element, end - element, value);
}

/** Writes lanes [from, to) of the four. */
function putPart(address: usize, from: i32, to: i32, value: v128): void {
  const bytes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (let lane = max(from, 0); lane < min(to, 4); lane++) {
    const moved = i8x16.swizzle(value, i8x16.add(bytes, i8x16.splat(<i8>(lane << 2))));
    store<i32>(address + (<usize>lane << 2), i32x4.extract_lane(moved, 0));
  }
}

/** Writes sixteen elements of 8 bits, or those of them that lie in [begin, end). */
// @ts-ignore: decorator
@inline
export function putBytes(out: usize, element: i32, begin: i32, end: i32, value: v128): void {
  const address = out + <usize>element;
  if (element >= begin && element + 16 <= end) v128.store(address, value);
  else putBytesPart(address, begin - element, end - element, value);
}

/** Writes lanes [from, to) of the sixteen. */
function putBytesPart(address: usize, from: i32, to: i32, value: v128): void {
  for (let lane = max(from, 0); lane < min(to, 16); lane++) {
    store<u8>(address + <usize>lane, i8x16.extract_lane_u(i8x16.swizzle(value, i8x16.splat(<i8>lane)), 0));
  }
}

/** Words as numbers k·2⁻²⁴, k the upper 24 bits: in [0, 1), each exact in f32. */
// @ts-ignore: decorator
@inline
export function unit(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), f32x4.splat(1.0 / 16777216.0));
}
