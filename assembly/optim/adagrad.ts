import { assertShare, assertWords } from '../assert';
import { loadPart, storePart } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { descent } from './descent';

// @ts-ignore: decorator
@inline
function update(
  param: usize, sum: usize, grad: usize, lr: f32, sign: f32, weightDecay: f32, eps: f32, count: i32,
): void {
  const p = loadPart(param, count);
  const d = descent(p, loadPart(grad, count), sign, weightDecay);
  const s = f32x4_madd(d, d, loadPart(sum, count));
  storePart(sum, s, count);
  storePart(
    param, f32x4.sub(p, f32x4.div(f32x4.mul(f32x4.splat(lr), d), f32x4.add(f32x4.sqrt(s), f32x4.splat(eps)))), count);
}

/**
 * d = sign·g + weightDecay·p; sum += d²; p −= lr·d / (√sum + eps), in place for elements [begin, end).
 *
 * @work 3 * (end - begin)
 */
export function f32_adagrad(
  param: usize, sum: usize, grad: usize, lr: f32, sign: f32, weightDecay: f32, eps: f32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(param | sum | grad);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) update(param + i, sum + i, grad + i, lr, sign, weightDecay, eps, 4);
  if (i < last) update(param + i, sum + i, grad + i, lr, sign, weightDecay, eps, <i32>(last - i) >> 2);
}
