/**
 * Normal numbers by Box and Muller's transform of pairs of uniform ones:
 *
 *   r = √(−2·ln u₁)   z₁ = r·cos(2π·u₂)   z₂ = r·sin(2π·u₂)    u₁ = (k₁+1)·2⁻²⁴ in (0, 1], u₂ = k₂·2⁻²⁴ in [0, 1)
 *
 * The same resolution as torch.randn: |z| ≤ 5.77. Against the transform in double precision, |error| < 1e-6.
 */
import { assertShare, assertWords } from '../assert';
import { f32x4_log } from '../simd/log';
import { f32x4_madd } from '../simd/vector';
import { Emit, put } from './emit';
import { fill } from './philox';

class Normal extends Emit {
  // @ts-ignore: decorator
  @inline
  emit(
    out: usize, group: i32, begin: i32, end: i32, w0: v128, w1: v128, w2: v128, w3: v128, a: f32, b: f32, limit: f32,
  ): void {
    pair(out, group, begin, end, w0, w1, a, b);
    pair(out, group + 8, begin, end, w2, w3, a, b);
  }
}

// @ts-ignore: decorator
@inline
function pair(out: usize, element: i32, begin: i32, end: i32, first: v128, second: v128, mean: f32, std: f32): void {
  const one = i32x4.splat(1);
  const u1 = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(i32x4.shr_u(first, 8), one)), f32x4.splat(1.0 / 16777216.0));
  const r = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), f32x4_log(u1)));

  // A turn in quarters: 4·u₂ = q + t, |t| ≤ ½, without rounding; the angle left is t·π/2.
  const quarters = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(second, 8)), f32x4.splat(1.0 / 4194304.0));
  const nearest = f32x4.nearest(quarters);
  const t = f32x4.mul(f32x4.sub(quarters, nearest), f32x4.splat(1.5707963267948966));
  const q = i32x4.trunc_sat_f32x4_s(nearest);
  const s = sin(t);
  const c = cos(t);

  // Odd quarters swap sine and cosine; the sign of the cosine turns in quarters 1 and 2, that of the sine in 2 and 3.
  const odd = i32x4.eq(v128.and(q, one), one);
  const cosSign = i32x4.shl(v128.and(i32x4.add(q, one), i32x4.splat(2)), 30);
  const sinSign = i32x4.shl(v128.and(q, i32x4.splat(2)), 30);
  const z1 = f32x4.mul(r, v128.xor(v128.bitselect(s, c, odd), cosSign));
  const z2 = f32x4.mul(r, v128.xor(v128.bitselect(c, s, odd), sinSign));
  put(out, element, begin, end, f32x4_madd(z1, f32x4.splat(std), f32x4.splat(mean)));
  put(out, element + 4, begin, end, f32x4_madd(z2, f32x4.splat(std), f32x4.splat(mean)));
}

/** sin t for |t| ≤ π/4, within 1 ULP: polynomial of Cephes' sinf. */
// @ts-ignore: decorator
@inline
function sin(t: v128): v128 {
  const t2 = f32x4.mul(t, t);
  let p = f32x4.splat(-1.9515295891e-4);
  p = f32x4_madd(p, t2, f32x4.splat(8.3321608736e-3));
  p = f32x4_madd(p, t2, f32x4.splat(-1.6666654611e-1));
  return f32x4_madd(f32x4.mul(p, t2), t, t);
}

/** cos t for |t| ≤ π/4, within 1 ULP: polynomial of Cephes' cosf. */
// @ts-ignore: decorator
@inline
function cos(t: v128): v128 {
  const t2 = f32x4.mul(t, t);
  let p = f32x4.splat(2.443315711809948e-5);
  p = f32x4_madd(p, t2, f32x4.splat(-1.388731625493765e-3));
  p = f32x4_madd(p, t2, f32x4.splat(4.166664568298827e-2));
  return f32x4_madd(f32x4.mul(p, t2), t2, f32x4.sub(f32x4.splat(1), f32x4.mul(t2, f32x4.splat(0.5))));
}

/**
 * out[i] = mean + std·z for i in [begin, end), z normal as above. Elements 16·g + l and 16·g + l + 4 (l < 4; also + 8)
 * are a pair.
 *
 * @work 8 * (end - begin)
 */
export function f32_random_normal(
  out: usize, seed: i32, stream: i32, draw: i32, mean: f32, std: f32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(out);
  fill<Normal>(out, seed, stream, draw, mean, std, 0, begin, end);
}
