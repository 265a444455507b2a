import { assertShare, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { loadNext, loadPart, storeNext, storePart } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { WIDE } from '../simd/width';
import { descent } from './descent';

// @ts-ignore: decorator
@inline
function update(
  param: usize, average: usize, square: usize, largest: usize, grad: usize, sign: f32, shrink: f32, weightDecay: f32,
  beta1: f32, gain1: f32,
  beta2: f32, gain2: f32, correction: f32, eps: f32, stepSize: f32, amsgrad: bool, count: i32,
  pair: bool = false): void {
  const old = loadPart(param, count), old1 = loadNext(param, old, pair);
  const g = loadPart(grad, count), g1 = loadNext(grad, g, pair);
  const oldM = loadPart(average, count), oldM1 = loadNext(average, oldM, pair);
  const oldV = loadPart(square, count), oldV1 = loadNext(square, oldV, pair);
  const p = f32x4.mul(f32x4.splat(shrink), old), p1 = f32x4.mul(f32x4.splat(shrink), old1);
  const d = descent(p, g, sign, weightDecay), d1 = descent(p1, g1, sign, weightDecay);
  const m = f32x4_madd(f32x4.splat(beta1), oldM, f32x4.mul(f32x4.splat(gain1), d));
  const m1 = f32x4_madd(f32x4.splat(beta1), oldM1, f32x4.mul(f32x4.splat(gain1), d1));
  let v = f32x4_madd(f32x4.splat(beta2), oldV, f32x4.mul(f32x4.mul(f32x4.splat(gain2), d), d));
  let v1 = f32x4_madd(f32x4.splat(beta2), oldV1, f32x4.mul(f32x4.mul(f32x4.splat(gain2), d1), d1));
  storePart(average, m, count);
  storeNext(average, m1, pair);
  storePart(square, v, count);
  storeNext(square, v1, pair);
  if (amsgrad) {
    const most = loadPart(largest, count), most1 = loadNext(largest, most, pair);
    v = f32x4.max(most, v);
    v1 = f32x4.max(most1, v1);
    storePart(largest, v, count);
    storeNext(largest, v1, pair);
  }
  const denominator = f32x4_madd(f32x4.sqrt(v), f32x4.splat(correction), f32x4.splat(eps));
  const denominator1 = f32x4_madd(f32x4.sqrt(v1), f32x4.splat(correction), f32x4.splat(eps));
  storePart(param, f32x4.sub(p, f32x4.div(f32x4.mul(f32x4.splat(stepSize), m), denominator)), count);
  storeNext(param, f32x4.sub(p1, f32x4.div(f32x4.mul(f32x4.splat(stepSize), m1), denominator1)), pair);
}

// @ts-ignore: decorator
@inline
function run(
  param: usize, average: usize, square: usize, largest: usize, grad: usize, sign: f32, shrink: f32, weightDecay: f32,
  beta1: f32, gain1: f32,
  beta2: f32, gain2: f32, correction: f32, eps: f32, stepSize: f32, begin: i32, end: i32, amsgrad: bool): void {
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  if (WIDE) {
    for (; i + 32 <= last; i += 32) {
      update(
        param + i, average + i, square + i, largest + i, grad + i, sign, shrink, weightDecay, beta1, gain1, beta2,
        gain2, correction, eps, stepSize, amsgrad, 4, true);
    }
  }
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
