/** out[i] = a[i] + b[i] for i in [begin, end). out may be a or b. */
export function f32_add(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) v128.store(out + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
  for (; i < last; i += 4) store<f32>(out + i, load<f32>(a + i) + load<f32>(b + i));
}
