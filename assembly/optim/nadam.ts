import { assertShare, assertWords } from '../assert';
import { loadPart, storePart } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { descent } from './descent';

// @ts-ignore: decorator
@inline
function update(
  param: usize, average: usize, square: usize, grad: usize, sign: f32, shrink: f32, weightDecay: f32, beta1: f32,
  gain1: f32, beta2: f32, gain2: f32, correction: f32, eps: f32, gradStep: f32, averageStep: f32, count: i32,
): void {
  const p = f32x4.mul(f32x4.splat(shrink), loadPart(param, count));
  const d = descent(p, loadPart(grad, count), sign, weightDecay);
  const m = f32x4_madd(f32x4.splat(beta1), loadPart(average, count), f32x4.mul(f32x4.splat(gain1), d));
  const v = f32x4_madd(f32x4.splat(beta2), loadPart(square, count), f32x4.mul(f32x4.mul(f32x4.splat(gain2), d), d));
  storePart(average, m, count);
  storePart(square, v, count);
  const step = f32x4_madd(f32x4.splat(averageStep), m, f32x4.mul(f32x4.splat(gradStep), d));
  const denominator = f32x4_madd(f32x4.sqrt(v), f32x4.splat(correction), f32x4.splat(eps));
  storePart(param, f32x4.sub(p, f32x4.div(step, denominator)), count);
}

/**
 * One step of NAdam, in place for elements [begin, end):
 *
 *   p = shrink·p                          shrink: 1 − lr·weightDecay with decoupled weight decay, else 1
 *   d = sign·g + weightDecay·p            weightDecay: 0 with decoupled weight decay; sign: 1, or −1 to maximise
 *   average = beta1·average + gain1·d     gain: 1 − beta
 *   square  = beta2·square  + gain2·d²
 *   p −= (averageStep·average + gradStep·d) / (√square·correction + eps)     correction = 1 / √(1 − beta2ᵗ)
 *
 * @work 4 * (end - begin)
 */
export function f32_nadam(
  param: usize, average: usize, square: usize, grad: usize, sign: f32, shrink: f32, weightDecay: f32, beta1: f32,
  gain1: f32, beta2: f32, gain2: f32, correction: f32, eps: f32, gradStep: f32, averageStep: f32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(param | average | square | grad);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) {
    update(
      param + i, average + i, square + i, grad + i, sign, shrink, weightDecay, beta1, gain1, beta2, gain2, correction,
      eps, gradStep, averageStep, 4);
  }
  if (i < last) {
    update(
      param + i, average + i, square + i, grad + i, sign, shrink, weightDecay, beta1, gain1, beta2, gain2, correction,
      eps, gradStep, averageStep, <i32>(last - i) >> 2);
  }
}
