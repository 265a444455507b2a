/** x < 0 ? 0 : x, lane by lane: NaN and −0 stay. */
// @ts-ignore: decorator
@inline
export function f32x4_relu(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(0));
}

/** y ≤ 0 ? 0 : dy, lane by lane: dy where y is NaN, as in PyTorch. */
// @ts-ignore: decorator
@inline
export function f32x4_relu_gradient(dy: v128, y: v128): v128 {
  return v128.andnot(dy, f32x4.le(y, f32x4.splat(0)));
}

