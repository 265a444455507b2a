import { f32x4_madd } from '../simd/vector';

/** The gradient to descend by: sign·g + weightDecay·p. */
// @ts-ignore: decorator
@inline
export function descent(p: v128, g: v128, sign: f32, weightDecay: f32): v128 {
  return f32x4_madd(f32x4.splat(weightDecay), p, f32x4.mul(f32x4.splat(sign), g));
}
