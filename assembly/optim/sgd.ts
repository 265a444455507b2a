import { assertShare, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { loadNext, loadPart, storeNext, storePart } from '../simd/part';
import { f32x4_madd } from '../simd/vector';
import { WIDE } from '../simd/width';
import { descent } from './descent';

// @ts-ignore: decorator
@inline
function update(
  param: usize, buffer: usize, grad: usize, lr: f32, sign: f32, weightDecay: f32, decay: f32, gain: f32, momentum: f32,
  buffered: bool, nesterov: bool, count: i32, pair: bool = false,
): void {
  const p = loadPart(param, count), p1 = loadNext(param, p, pair);
  const g = loadPart(grad, count), g1 = loadNext(grad, g, pair);
  let d = descent(p, g, sign, weightDecay), d1 = descent(p1, g1, sign, weightDecay);
  if (buffered) {
    const old = loadPart(buffer, count), old1 = loadNext(buffer, old, pair);
    const b = f32x4_madd(f32x4.splat(decay), old, f32x4.mul(f32x4.splat(gain), d));
    const b1 = f32x4_madd(f32x4.splat(decay), old1, f32x4.mul(f32x4.splat(gain), d1));
    storePart(buffer, b, count);
    storeNext(buffer, b1, pair);
    d = nesterov ? f32x4_madd(f32x4.splat(momentum), b, d) : b;
    d1 = nesterov ? f32x4_madd(f32x4.splat(momentum), b1, d1) : b1;
  }
  storePart(param, f32x4.sub(p, f32x4.mul(f32x4.splat(lr), d)), count);
  storeNext(param, f32x4.sub(p1, f32x4.mul(f32x4.splat(lr), d1)), pair);
}

// @ts-ignore: decorator
@inline
function run(
  param: usize, buffer: usize, grad: usize, lr: f32, sign: f32, weightDecay: f32, decay: f32, gain: f32, momentum: f32,
  begin: i32, end: i32, buffered: bool, nesterov: bool,
): void {
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  if (WIDE) {
    for (; i + 32 <= last; i += 32) {
      update(
        param + i, buffer + i, grad + i, lr, sign, weightDecay, decay, gain, momentum, buffered, nesterov, 4, true);
    }
  }
  for (; i + 16 <= last; i += 16) {
    update(param + i, buffer + i, grad + i, lr, sign, weightDecay, decay, gain, momentum, buffered, nesterov, 4);
  }
  if (i < last) {
    update(
      param + i, buffer + i, grad + i, lr, sign, weightDecay, decay, gain, momentum, buffered, nesterov,
      <i32>(last - i) >> 2);
  }
}

/**
 * One step of stochastic gradient descent, in place for elements [begin, end):
 *
 *   d = sign·g + weightDecay·p       sign: 1, or −1 to maximise
 *   p −= lr·d                        where the address of `buffer` is 0 (and decay, gain, momentum are not read); else
 *   buffer = decay·buffer + gain·d   decay: the momentum, gain: 1 − dampening; on the first step 0 and 1, over zeros
 *   p −= lr·buffer                   or, where `momentum` is not 0, p −= lr·(d + momentum·buffer) (Nesterov's)
 *
 * @work 2 * (end - begin)
 */
export function f32_sgd(
  param: usize, buffer: OptionalAddress, grad: usize, lr: f32, sign: f32, weightDecay: f32, decay: f32, gain: f32,
  momentum: f32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(param | buffer | grad);
  if (buffer == 0) run(param, 0, grad, lr, sign, weightDecay, decay, gain, momentum, begin, end, false, false);
  else if (momentum == 0) {
    run(param, buffer, grad, lr, sign, weightDecay, decay, gain, momentum, begin, end, true, false);
  }
  else run(param, buffer, grad, lr, sign, weightDecay, decay, gain, momentum, begin, end, true, true);
}
