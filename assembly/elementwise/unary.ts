/**
 * Templates of one input. `Op` is a class with one inlined method `of`, four lanes in, four lanes out; called on a null
 * instance, so that no call is left in the loop.
 */
import { assertShare, assertWords } from '../assert';
import { x32x4_load_tail, x32x4_store_tail } from '../simd/vector';
import { WIDE } from '../simd/width';

/** y[i] = Op(x[i]) for i in [begin, end). y may be x. */
// @ts-ignore: decorator
@inline
export function unary<Op>(y: usize, x: usize, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y | x);
  const op = changetype<Op>(0);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 32 <= last; i += 32) {
    const a = op.of(v128.load(x + i));
    const b = op.of(v128.load(x + i, 16));
    v128.store(y + i, a);
    v128.store(y + i, b, 16);
  }
  for (; i + 16 <= last; i += 16) v128.store(y + i, op.of(v128.load(x + i)));
  if (i < last) {
    const rest = <i32>(last - i) >> 2;
    x32x4_store_tail(y + i, op.of(x32x4_load_tail(x + i, rest)), rest);
  }
}

/** y[i] = Op(x[i], p, q) for i in [begin, end), p and q the same in all lanes. y may be x. */
// @ts-ignore: decorator
@inline
export function unaryWith<Op>(y: usize, x: usize, p: v128, q: v128, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y | x);
  const op = changetype<Op>(0);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  if (WIDE) {
    for (; i + 32 <= last; i += 32) {
      const a = op.of(v128.load(x + i), p, q);
      const b = op.of(v128.load(x + i, 16), p, q);
      v128.store(y + i, a);
      v128.store(y + i, b, 16);
    }
  }
  for (; i + 16 <= last; i += 16) v128.store(y + i, op.of(v128.load(x + i), p, q));
  if (i < last) {
    const rest = <i32>(last - i) >> 2;
    x32x4_store_tail(y + i, op.of(x32x4_load_tail(x + i, rest), p, q), rest);
  }
}
