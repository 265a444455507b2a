/** y[i] = max(x[i], 0) for i in [begin, end). NaN stays NaN. y may be x. */
export function f32_relu_forward(y: usize, x: usize, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) v128.store(y + i, f32x4.pmax(v128.load(x + i), zero));
  for (; i < last; i += 4) store<f32>(y + i, max<f32>(load<f32>(x + i), 0));
}

/** dx[i] = y[i] ≤ 0 ? 0 : dy[i] for i in [begin, end): dy where y is NaN, as in PyTorch. dx may be dy. */
export function f32_relu_backward(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) {
    v128.store(dx + i, v128.andnot(v128.load(dy + i), f32x4.le(v128.load(y + i), zero)));
  }
  for (; i < last; i += 4) store<f32>(dx + i, load<f32>(y + i) <= 0 ? 0 : load<f32>(dy + i));
}
