import { assertShare, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { loadPart, storePart } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { descent } from './descent';

// @ts-ignore: decorator
@inline
function update(
  param: usize, square: usize, average: usize, buffer: usize, grad: usize, lr: f32, sign: f32, weightDecay: f32,
  alpha: f32, gain: f32, momentum: f32, eps: f32,
  centered: bool, buffered: bool, count: i32): void {
  const p = loadPart(param, count);
  const d = descent(p, loadPart(grad, count), sign, weightDecay);
  let v = f32x4_madd(f32x4.splat(alpha), loadPart(square, count), f32x4.mul(f32x4.mul(f32x4.splat(gain), d), d));
  storePart(square, v, count);
  if (centered) {
    const a = f32x4_madd(f32x4.splat(alpha), loadPart(average, count), f32x4.mul(f32x4.splat(gain), d));
    storePart(average, a, count);
    v = f32x4.max(f32x4.sub(v, f32x4.mul(a, a)), f32x4.splat(0)); // A variance; rounding alone makes it negative.
  }
  const denominator = f32x4.add(f32x4.sqrt(v), f32x4.splat(eps));
  if (buffered) {
    const b = f32x4_madd(f32x4.splat(momentum), loadPart(buffer, count), f32x4.div(d, denominator));
    storePart(buffer, b, count);
    storePart(param, f32x4.sub(p, f32x4.mul(f32x4.splat(lr), b)), count);
  } else {
    storePart(param, f32x4.sub(p, f32x4.div(f32x4.mul(f32x4.splat(lr), d), denominator)), count);
  }
}

// @ts-ignore: decorator
@inline
function run(
  param: usize, square: usize, average: usize, buffer: usize, grad: usize, lr: f32, sign: f32, weightDecay: f32,
  alpha: f32, gain: f32, momentum: f32, eps: f32,
  begin: i32, end: i32, centered: bool, buffered: bool): void {
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) {
    update(
      param + i, square + i, average + i, buffer + i, grad + i, lr, sign, weightDecay, alpha, gain, momentum, eps,
      centered, buffered, 4);
  }
  if (i < last) {
    updateTail(
      param + i, square + i, average + i, buffer + i, grad + i, lr, sign, weightDecay, alpha, gain, momentum, eps,
      centered, buffered, <i32>(last - i) >> 2);
  }
}

/** The last one to three elements: one function for all kinds, as it is called once. */
function updateTail(
  param: usize, square: usize, average: usize, buffer: usize, grad: usize, lr: f32, sign: f32, weightDecay: f32,
  alpha: f32, gain: f32, momentum: f32, eps: f32, centered: bool, buffered: bool, count: i32,
): void {
  update(
    param, square, average, buffer, grad, lr, sign, weightDecay, alpha, gain, momentum, eps, centered, buffered, count,
  );
}

/**
 * One step of RMSprop, in place for elements [begin, end):
 *
 *   d = sign·g + weightDecay·p                     sign: 1, or −1 to maximise
 *   square  = alpha·square  + gain·d²              gain: 1 − alpha
 *   average = alpha·average + gain·d               unless its address is 0, where 0 stands for it below
 *   step = d / (√max(square − average², 0) + eps)
 *   buffer = momentum·buffer + step                unless its address is 0, where `step` stands for it below
 *   p −= lr·buffer
 *
 * @work 4 * (end - begin)
 */
export function f32_rmsprop(
  param: usize, square: usize, average: OptionalAddress, buffer: OptionalAddress, grad: usize, lr: f32, sign: f32,
  weightDecay: f32, alpha: f32, gain: f32, momentum: f32, eps: f32,
  begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(param | square | average | buffer | grad);
  if (average != 0) {
    if (buffer != 0) {
      run(
        param, square, average, buffer, grad, lr, sign, weightDecay, alpha, gain, momentum, eps, begin, end, true,
        true);
    }
    else {
      run(
        param, square, average, buffer, grad, lr, sign, weightDecay, alpha, gain, momentum, eps, begin, end, true,
        false);
    }
  } else {
    if (buffer != 0) {
      run(
        param, square, average, buffer, grad, lr, sign, weightDecay, alpha, gain, momentum, eps, begin, end, false,
        true);
    }
    else {
      run(
        param, square, average, buffer, grad, lr, sign, weightDecay, alpha, gain, momentum, eps, begin, end, false,
        false);
    }
  }
}
