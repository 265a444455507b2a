/** Whether all elements of x [n] are finite. */
export function f32_all_finite(x: usize, n: i32): bool {
  // 0·x is ±0 for what is finite, NaN for ∞ and NaN; and NaN stays.
  const zero = f32x4.splat(0);
  let lanes0 = zero, lanes1 = zero, lanes2 = zero, lanes3 = zero;
  const end = x + (<usize>n << 2);
  for (const sixteens = x + (<usize>(n & ~15) << 2); x < sixteens; x += 64) {
    lanes0 = f32x4.add(lanes0, f32x4.mul(v128.load(x), zero));
    lanes1 = f32x4.add(lanes1, f32x4.mul(v128.load(x, 16), zero));
    lanes2 = f32x4.add(lanes2, f32x4.mul(v128.load(x, 32), zero));
    lanes3 = f32x4.add(lanes3, f32x4.mul(v128.load(x, 48), zero));
  }
  const lanes = f32x4.add(f32x4.add(lanes0, lanes1), f32x4.add(lanes2, lanes3));
  let rest: f32 = 0;
  for (; x < end; x += 4) rest += 0 * load<f32>(x);
  return !v128.any_true(f32x4.ne(lanes, zero)) && rest == 0;
}
