import { f32x4_madd } from '../../simd/vector';

/* The one-dimensional transforms. Steps are in bytes; each element is a vector of four channels. `to` may be `from`. */

/** Six values of an input → six: Bᵀ d. */
// @ts-ignore: decorator
@inline
export function transformInput(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + fromStep), d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep), d4 = v128.load(from + 4 * fromStep), d5 = v128.load(from + 5 * fromStep);
  const four = f32x4.splat(4), minusFour = f32x4.splat(-4);
  const d42 = f32x4.sub(d4, d2), d31 = f32x4.sub(d3, d1);
  const even = f32x4_madd(minusFour, d2, d4), odd = f32x4_madd(minusFour, d1, d3);
  const twice = f32x4.mul(f32x4.splat(2), d31);
  v128.store(to, f32x4_madd(four, f32x4.sub(d0, d2), d42));
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  v128.store(to + 3 * toStep, f32x4.add(d42, twice));
  v128.store(to + 4 * toStep, f32x4.sub(d42, twice));
  v128.store(to + 5 * toStep, f32x4_madd(minusFour, d31, f32x4.sub(d5, d3)));
}

/** Six sums of products → four outputs: Aᵀ m. */
// @ts-ignore: decorator
@inline
export function transformOutput(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const m1 = v128.load(from + fromStep), m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep), m4 = v128.load(from + 4 * fromStep);
  const sum12 = f32x4.add(m1, m2), sum34 = f32x4.add(m3, m4);
  const difference12 = f32x4.sub(m1, m2), difference34 = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(f32x4.add(v128.load(from), sum12), sum34));
  v128.store(to + toStep, f32x4_madd(f32x4.splat(2), difference34, difference12));
  v128.store(to + 2 * toStep, f32x4_madd(f32x4.splat(4), sum34, sum12));
  v128.store(
    to + 3 * toStep, f32x4_madd(f32x4.splat(8), difference34, f32x4.add(difference12, v128.load(from + 5 * fromStep))));
}

/** Four values of an output's gradient → six: A y. */
// @ts-ignore: decorator
@inline
export function transformGradient(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const y0 = v128.load(from), y1 = v128.load(from + fromStep), y2 = v128.load(from + 2 * fromStep);
  const y3 = v128.load(from + 3 * fromStep);
  const four = f32x4.splat(4);
  const even = f32x4.add(y0, y2), odd = f32x4.add(y1, y3);
  const even4 = f32x4_madd(four, y2, y0);
  const odd2 = f32x4.mul(f32x4.splat(2), f32x4_madd(four, y3, y1));
  v128.store(to, y0);
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  v128.store(to + 3 * toStep, f32x4.add(even4, odd2));
  v128.store(to + 4 * toStep, f32x4.sub(even4, odd2));
  v128.store(to + 5 * toStep, y3);
}

/** Six sums of products → three gradients of weights: Gᵀ s. */
// @ts-ignore: decorator
@inline
export function transformFilterGradient(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const s1 = v128.load(from + fromStep), s2 = v128.load(from + 2 * fromStep);
  const s3 = v128.load(from + 3 * fromStep), s4 = v128.load(from + 4 * fromStep);
  const sixth = f32x4.splat(1.0 / 6.0), twentyFourth = f32x4.splat(1.0 / 24.0);
  const sum12 = f32x4.mul(sixth, f32x4.add(s1, s2)), sum34 = f32x4.mul(twentyFourth, f32x4.add(s3, s4));
  const difference21 = f32x4.mul(sixth, f32x4.sub(s2, s1)), difference34 = f32x4.mul(twentyFourth, f32x4.sub(s3, s4));
  v128.store(to, f32x4.add(f32x4.sub(f32x4.mul(f32x4.splat(0.25), v128.load(from)), sum12), sum34));
  v128.store(to + toStep, f32x4_madd(f32x4.splat(2), difference34, difference21));
  v128.store(to + 2 * toStep, f32x4_madd(f32x4.splat(4), sum34, f32x4.sub(v128.load(from + 5 * fromStep), sum12)));
}
