import { assertShare, assertWords } from '../assert';
import { loadPart, storePart } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { descent } from './descent';

// @ts-ignore: decorator
@inline
function update(
  param: usize, square: usize, delta: usize, grad: usize, lr: f32, sign: f32, weightDecay: f32, rho: f32, gain: f32,
  eps: f32, count: i32,
): void {
  const p = loadPart(param, count);
  const d = descent(p, loadPart(grad, count), sign, weightDecay);
  const v = f32x4_madd(f32x4.splat(rho), loadPart(square, count), f32x4.mul(f32x4.mul(f32x4.splat(gain), d), d));
  const u = loadPart(delta, count);
  const root = f32x4.sqrt(f32x4.add(u, f32x4.splat(eps)));
  const step = f32x4.mul(f32x4.div(root, f32x4.sqrt(f32x4.add(v, f32x4.splat(eps)))), d);
  storePart(square, v, count);
  storePart(delta, f32x4_madd(f32x4.splat(rho), u, f32x4.mul(f32x4.mul(f32x4.splat(gain), step), step)), count);
  storePart(param, f32x4.sub(p, f32x4.mul(f32x4.splat(lr), step)), count);
}

/**
 * One step of Adadelta, in place for elements [begin, end):
 *
 *   d = sign·g + weightDecay·p                 sign: 1, or −1 to maximise
 *   square = rho·square + gain·d²              gain: 1 − rho
 *   step = √(delta + eps) / √(square + eps)·d
 *   delta = rho·delta + gain·step²
 *   p −= lr·step
 *
 * @work 6 * (end - begin)
 */
export function f32_adadelta(
  param: usize, square: usize, delta: usize, grad: usize, lr: f32, sign: f32, weightDecay: f32, rho: f32, gain: f32,
  eps: f32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(param | square | delta | grad);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) {
    update(param + i, square + i, delta + i, grad + i, lr, sign, weightDecay, rho, gain, eps, 4);
  }
  if (i < last) {
    update(
      param + i, square + i, delta + i, grad + i, lr, sign, weightDecay, rho, gain, eps, <i32>(last - i) >> 2);
  }
}
