/** Whether all elements of x [n] are finite. */
export function f32_all_finite(x: usize, n: i32): bool {
  // 0·x is ±0 for what is finite, NaN for ∞ and NaN; and NaN stays.
  const zero = f32x4.splat(0);
  let lanes = zero;
  const end = x + (<usize>n << 2);
  for (const fours = x + (<usize>(n & ~3) << 2); x < fours; x += 16) lanes = f32x4.add(lanes, f32x4.mul(v128.load(x), zero));
  let rest: f32 = 0;
  for (; x < end; x += 4) rest += 0 * load<f32>(x);
  return !v128.any_true(f32x4.ne(lanes, zero)) && rest == 0;
}
