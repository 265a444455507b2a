import { assertShare, assertWords } from '../assert';
import { Emit, put, putBytes, unit } from './emit';
import { fill } from './philox';

/** min(a + b·u, limit) */
class Uniform extends Emit {
  // @ts-ignore: decorator
  @inline
  emit(
    out: usize, group: i32, begin: i32, end: i32, w0: v128, w1: v128, w2: v128, w3: v128, a: f32, b: f32, limit: f32,
  ): void {
    put(out, group, begin, end, scaled(w0, a, b, limit));
    put(out, group + 4, begin, end, scaled(w1, a, b, limit));
    put(out, group + 8, begin, end, scaled(w2, a, b, limit));
    put(out, group + 12, begin, end, scaled(w3, a, b, limit));
  }
}

// @ts-ignore: decorator
@inline
function scaled(words: v128, a: f32, b: f32, limit: f32): v128 {
  return f32x4.min(f32x4.add(f32x4.splat(a), f32x4.mul(unit(words), f32x4.splat(b))), f32x4.splat(limit));
}

/** u < a ? 1 : 0 in f32 */
class FloatMask extends Emit {
  // @ts-ignore: decorator
  @inline
  emit(
    out: usize, group: i32, begin: i32, end: i32, w0: v128, w1: v128, w2: v128, w3: v128, a: f32, b: f32, limit: f32,
  ): void {
    const one = f32x4.splat(1);
    const bound = f32x4.splat(a);
    put(out, group, begin, end, v128.and(f32x4.lt(unit(w0), bound), one));
    put(out, group + 4, begin, end, v128.and(f32x4.lt(unit(w1), bound), one));
    put(out, group + 8, begin, end, v128.and(f32x4.lt(unit(w2), bound), one));
    put(out, group + 12, begin, end, v128.and(f32x4.lt(unit(w3), bound), one));
  }
}

/** u < a ? 1 : 0 in u8 */
class ByteMask extends Emit {
  // @ts-ignore: decorator
  @inline
  emit(
    out: usize, group: i32, begin: i32, end: i32, w0: v128, w1: v128, w2: v128, w3: v128, a: f32, b: f32, limit: f32,
  ): void {
    const bound = f32x4.splat(a);
    const first = i16x8.narrow_i32x4_s(f32x4.lt(unit(w0), bound), f32x4.lt(unit(w1), bound));
    const second = i16x8.narrow_i32x4_s(f32x4.lt(unit(w2), bound), f32x4.lt(unit(w3), bound));
    putBytes(out, group, begin, end, v128.and(i8x16.narrow_i16x8_s(first, second), i8x16.splat(1)));
  }
}

/**
 * out[i] = min(low + width·u, last) for i in [begin, end), u = k·2⁻²⁴ in [0, 1): `last` is the largest number below the
 * upper bound, which low + width·u may round up to.
 *
 * @work 4 * (end - begin)
 */
export function f32_random_uniform(
  out: usize, seed: i32, stream: i32, draw: i32, low: f32, width: f32, last: f32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(out);
  fill<Uniform>(out, seed, stream, draw, low, width, last, begin, end);
}

/**
 * out[i] = 1 with the given probability (to a multiple of 2⁻²⁴), else 0, for i in [begin, end).
 *
 * @work 4 * (end - begin)
 */
export function f32_random_mask(
  out: usize, seed: i32, stream: i32, draw: i32, probability: f32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(out);
  fill<FloatMask>(out, seed, stream, draw, probability, 0, 0, begin, end);
}

/**
 * out[i], a byte, = 1 with the given probability (to a multiple of 2⁻²⁴), else 0, for i in [begin, end).
 *
 * @work 4 * (end - begin)
 */
export function u8_random_mask(
  out: usize, seed: i32, stream: i32, draw: i32, probability: f32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  fill<ByteMask>(out, seed, stream, draw, probability, 0, 0, begin, end);
}
