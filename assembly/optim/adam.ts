import { assertShare, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { loadPart, storePart } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { descent } from './descent';

// @ts-ignore: decorator
@inline
function update(
  param: usize, average: usize, square: usize, largest: usize, grad: usize, sign: f32, shrink: f32, weightDecay: f32,
  beta1: f32, gain1: f32,
  beta2: f32, gain2: f32, correction: f32, eps: f32, stepSize: f32, amsgrad: bool, count: i32): void {
  const p = f32x4.mul(f32x4.splat(shrink), loadPart(param, count));
  const d = descent(p, loadPart(grad, count), sign, weightDecay);
  const m = f32x4_madd(f32x4.splat(beta1), loadPart(average, count), f32x4.mul(f32x4.splat(gain1), d));
  let v = f32x4_madd(f32x4.splat(beta2), loadPart(square, count), f32x4.mul(f32x4.mul(f32x4.splat(gain2), d), d));
  storePart(average, m, count);
  storePart(square, v, count);
  if (amsgrad) {
    v = f32x4.max(loadPart(largest, count), v);
    storePart(largest, v, count);
  }
  const denominator = f32x4_madd(f32x4.sqrt(v), f32x4.splat(correction), f32x4.splat(eps));
  storePart(param, f32x4.sub(p, f32x4.div(f32x4.mul(f32x4.splat(stepSize), m), denominator)), count);
}

// @ts-ignore: decorator
@inline
function run(
  param: usize, average: usize, square: usize, largest: usize, grad: usize, sign: f32, shrink: f32, weightDecay: f32,
  beta1: f32, gain1: f32,
  beta2: f32, gain2: f32, correction: f32, eps: f32, stepSize: f32, begin: i32, end: i32, amsgrad: bool): void {
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) {
    update(
      param + i, average + i, square + i, largest + i, grad + i, sign, shrink, weightDecay, beta1, gain1, beta2, gain2,
      correction, eps, stepSize, amsgrad, 4);
  }
  if (i < last) {
    update(
      param + i, average + i, square + i, largest + i, grad + i, sign, shrink, weightDecay, beta1, gain1, beta2, gain2,
      correction, eps, stepSize, amsgrad, <i32>(last - i) >> 2);
  }
}

/**
 * One step of Adam or AdamW, in place for elements [begin, end):
 *
 *   p = shrink·p                          shrink: 1 − lr·weightDecay for AdamW, else 1
 *   d = sign·g + weightDecay·p            weightDecay: 0 for AdamW; sign: 1, or −1 to maximise
 *   average = beta1·average + gain1·d     gain: 1 − beta
 *   square  = beta2·square  + gain2·d²
 *   largest = max(largest, square)        unless its address is 0, where `square` stands for it below (AMSGrad or not)
 *   p −= stepSize·average / (√largest·correction + eps)   stepSize = lr / (1 − beta1ᵗ), correction = 1 / √(1 − beta2ᵗ)
 *
 * @work 4 * (end - begin)
 */
export function f32_adam(
  param: usize, average: OptionalAddress, square: usize, largest: OptionalAddress, grad: usize, sign: f32, shrink: f32,
  weightDecay: f32, beta1: f32, gain1: f32,
  beta2: f32, gain2: f32, correction: f32, eps: f32, stepSize: f32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(param | average | square | largest | grad);
  if (largest != 0) {
    run(
      param, average, square, largest, grad, sign, shrink, weightDecay, beta1, gain1, beta2, gain2, correction, eps,
      stepSize, begin, end, true);
  }
  else {
    run(
      param, average, square, largest, grad, sign, shrink, weightDecay, beta1, gain1, beta2, gain2, correction, eps,
      stepSize, begin, end, false);
  }
}
