import { loadNext } from '../../simd/part';
import { f32x4_madd } from '../../simd/vector';
import { WIDE } from '../../simd/width';

/*
 * The one-dimensional transforms. Steps are in bytes; each element is a vector of four channels, or in the wide kernels
 * a pair of eight. `to` may be `from`.
 */

// Wide kernels have their constants in memory: engines make those in the code anew in each turn of a loop.
const TWO = memory.data<f32>([2]), FOUR = memory.data<f32>([4]), EIGHT = memory.data<f32>([8]);
const MINUS_FOUR = memory.data<f32>([-4]);

// @ts-ignore: decorator
@inline
export function two(): v128 { return WIDE ? v128.load32_splat(TWO) : f32x4.splat(2); }

// @ts-ignore: decorator
@inline
export function four(): v128 { return WIDE ? v128.load32_splat(FOUR) : f32x4.splat(4); }

// @ts-ignore: decorator
@inline
export function eight(): v128 { return WIDE ? v128.load32_splat(EIGHT) : f32x4.splat(8); }

// @ts-ignore: decorator
@inline
function minusFour(): v128 { return WIDE ? v128.load32_splat(MINUS_FOUR) : f32x4.splat(-4); }

/** Stores a vector, or in the wide kernels a pair. */
// @ts-ignore: decorator
@inline
export function storePair(to: usize, first: v128, second: v128): void {
  v128.store(to, first);
  if (WIDE) v128.store(to, second, 16);
}

/** Six values of an input → six: Bᵀ d. */
// @ts-ignore: decorator
@inline
export function transformInput(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const k2 = two(), k4 = four(), minus4 = minusFour();
  const d0 = v128.load(from), d1 = v128.load(from + fromStep), d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep), d4 = v128.load(from + 4 * fromStep), d5 = v128.load(from + 5 * fromStep);
  const e0 = loadNext(from, d0, WIDE), e1 = loadNext(from + fromStep, d1, WIDE);
  const e2 = loadNext(from + 2 * fromStep, d2, WIDE), e3 = loadNext(from + 3 * fromStep, d3, WIDE);
  const e4 = loadNext(from + 4 * fromStep, d4, WIDE), e5 = loadNext(from + 5 * fromStep, d5, WIDE);
  const d42 = f32x4.sub(d4, d2), d31 = f32x4.sub(d3, d1), e42 = f32x4.sub(e4, e2), e31 = f32x4.sub(e3, e1);
  const even = f32x4_madd(minus4, d2, d4), odd = f32x4_madd(minus4, d1, d3);
  const even1 = f32x4_madd(minus4, e2, e4), odd1 = f32x4_madd(minus4, e1, e3);
  const twice = f32x4.mul(k2, d31), twice1 = f32x4.mul(k2, e31);
  storePair(to, f32x4_madd(k4, f32x4.sub(d0, d2), d42), f32x4_madd(k4, f32x4.sub(e0, e2), e42));
  storePair(to + toStep, f32x4.add(even, odd), f32x4.add(even1, odd1));
  storePair(to + 2 * toStep, f32x4.sub(even, odd), f32x4.sub(even1, odd1));
  storePair(to + 3 * toStep, f32x4.add(d42, twice), f32x4.add(e42, twice1));
  storePair(to + 4 * toStep, f32x4.sub(d42, twice), f32x4.sub(e42, twice1));
  storePair(
    to + 5 * toStep, f32x4_madd(minus4, d31, f32x4.sub(d5, d3)), f32x4_madd(minus4, e31, f32x4.sub(e5, e3)));
}

/** Six sums of products → four outputs: Aᵀ m. */
// @ts-ignore: decorator
@inline
export function transformOutput(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const k2 = two(), k4 = four(), k8 = eight();
  const m0 = v128.load(from), m1 = v128.load(from + fromStep), m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep), m4 = v128.load(from + 4 * fromStep), m5 = v128.load(from + 5 * fromStep);
  const n0 = loadNext(from, m0, WIDE), n1 = loadNext(from + fromStep, m1, WIDE);
  const n2 = loadNext(from + 2 * fromStep, m2, WIDE), n3 = loadNext(from + 3 * fromStep, m3, WIDE);
  const n4 = loadNext(from + 4 * fromStep, m4, WIDE), n5 = loadNext(from + 5 * fromStep, m5, WIDE);
  const sum12 = f32x4.add(m1, m2), sum34 = f32x4.add(m3, m4);
  const sum12n = f32x4.add(n1, n2), sum34n = f32x4.add(n3, n4);
  const difference12 = f32x4.sub(m1, m2), difference34 = f32x4.sub(m3, m4);
  const difference12n = f32x4.sub(n1, n2), difference34n = f32x4.sub(n3, n4);
  storePair(to, f32x4.add(f32x4.add(m0, sum12), sum34), f32x4.add(f32x4.add(n0, sum12n), sum34n));
  storePair(
    to + toStep, f32x4_madd(k2, difference34, difference12), f32x4_madd(k2, difference34n, difference12n));
  storePair(to + 2 * toStep, f32x4_madd(k4, sum34, sum12), f32x4_madd(k4, sum34n, sum12n));
  storePair(
    to + 3 * toStep, f32x4_madd(k8, difference34, f32x4.add(difference12, m5)),
    f32x4_madd(k8, difference34n, f32x4.add(difference12n, n5)));
}

/** Four values of an output's gradient → six: A y. */
// @ts-ignore: decorator
@inline
export function transformGradient(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const k2 = two(), k4 = four();
  const y0 = v128.load(from), y1 = v128.load(from + fromStep), y2 = v128.load(from + 2 * fromStep);
  const y3 = v128.load(from + 3 * fromStep);
  const z0 = loadNext(from, y0, WIDE), z1 = loadNext(from + fromStep, y1, WIDE);
  const z2 = loadNext(from + 2 * fromStep, y2, WIDE), z3 = loadNext(from + 3 * fromStep, y3, WIDE);
  const even = f32x4.add(y0, y2), odd = f32x4.add(y1, y3), even1 = f32x4.add(z0, z2), odd1 = f32x4.add(z1, z3);
  const even4 = f32x4_madd(k4, y2, y0), even41 = f32x4_madd(k4, z2, z0);
  const odd2 = f32x4.mul(k2, f32x4_madd(k4, y3, y1)), odd21 = f32x4.mul(k2, f32x4_madd(k4, z3, z1));
  storePair(to, y0, z0);
  storePair(to + toStep, f32x4.add(even, odd), f32x4.add(even1, odd1));
  storePair(to + 2 * toStep, f32x4.sub(even, odd), f32x4.sub(even1, odd1));
  storePair(to + 3 * toStep, f32x4.add(even4, odd2), f32x4.add(even41, odd21));
  storePair(to + 4 * toStep, f32x4.sub(even4, odd2), f32x4.sub(even41, odd21));
  storePair(to + 5 * toStep, y3, z3);
}

/** Six sums of products → three gradients of weights, one vector of them: Gᵀ s. */
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
