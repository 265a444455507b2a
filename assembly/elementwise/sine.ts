import { assertShare, assertWords } from '../assert';
import { f32x4_sine } from '../simd/sine';
import { x32x4_load_tail, x32x4_store_tail } from '../simd/vector';

/**
 * y[i] = sin(x[i] + quarter·π/2) for i in [begin, end): 0 is the sine, 1 the cosine, 2 and 3 are their negatives.
 * y may be x. Error: see `f32x4_sine`. @work 16 * (end - begin)
 */
export function f32_sine(y: usize, x: usize, quarter: i32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y | x);
  const turned = i32x4.splat(quarter);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) v128.store(y + i, f32x4_sine(v128.load(x + i), turned));
  if (i < last) {
    const rest = <i32>(last - i) >> 2;
    x32x4_store_tail(y + i, f32x4_sine(x32x4_load_tail(x + i, rest), turned), rest);
  }
}
