/* The one-dimensional transforms. Steps are in bytes; each element is a vector of four images. */

/** Six values of an input → six: Bᵀ d. */
// @ts-ignore: decorator
@inline
export function transformInput(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + fromStep), d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep), d4 = v128.load(from + 4 * fromStep), d5 = v128.load(from + 5 * fromStep);
  const four = f32x4.splat(4), five = f32x4.splat(5);
  v128.store(to, f32x4.add(f32x4.sub(f32x4.mul(four, d0), f32x4.mul(five, d2)), d4));
  const a = f32x4.sub(d4, f32x4.mul(four, d2));
  const b = f32x4.sub(d3, f32x4.mul(four, d1));
  v128.store(to + toStep, f32x4.add(a, b));
  v128.store(to + 2 * toStep, f32x4.sub(a, b));
  const c = f32x4.sub(d4, d2);
  const half = f32x4.sub(d3, d1);
  const d = f32x4.add(half, half);
  v128.store(to + 3 * toStep, f32x4.add(c, d));
  v128.store(to + 4 * toStep, f32x4.sub(c, d));
  v128.store(to + 5 * toStep, f32x4.add(f32x4.sub(f32x4.mul(four, d1), f32x4.mul(five, d3)), d5));
}

/** Six sums of products → four outputs: Aᵀ m. */
// @ts-ignore: decorator
@inline
export function transformOutput(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const m1 = v128.load(from + fromStep), m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep), m4 = v128.load(from + 4 * fromStep);
  const sum12 = f32x4.add(m1, m2), sum34 = f32x4.add(m3, m4);
  const difference12 = f32x4.sub(m1, m2), difference34 = f32x4.sub(m3, m4);
  const twice34 = f32x4.add(difference34, difference34);
  v128.store(to, f32x4.add(f32x4.add(v128.load(from), sum12), sum34));
  v128.store(to + toStep, f32x4.add(difference12, twice34));
  v128.store(to + 2 * toStep, f32x4.add(sum12, f32x4.mul(f32x4.splat(4), sum34)));
  v128.store(to + 3 * toStep, f32x4.add(f32x4.add(difference12, f32x4.mul(f32x4.splat(4), twice34)), v128.load(from + 5 * fromStep)));
}

/** Four values of an output's gradient → six: A y. */
// @ts-ignore: decorator
@inline
export function transformGradient(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const y0 = v128.load(from), y1 = v128.load(from + fromStep), y2 = v128.load(from + 2 * fromStep), y3 = v128.load(from + 3 * fromStep);
  const even = f32x4.add(y0, y2), odd = f32x4.add(y1, y3);
  const even4 = f32x4.add(y0, f32x4.mul(f32x4.splat(4), y2));
  const odd2 = f32x4.mul(f32x4.splat(2), f32x4.add(y1, f32x4.mul(f32x4.splat(4), y3)));
  v128.store(to, y0);
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  v128.store(to + 3 * toStep, f32x4.add(even4, odd2));
  v128.store(to + 4 * toStep, f32x4.sub(even4, odd2));
  v128.store(to + 5 * toStep, y3);
}
