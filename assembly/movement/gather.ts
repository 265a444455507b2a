import { assertShare, assertSizes, assertWords } from '../assert';

// Along one axis, by index: x [outer, length, inner], index and out [outer, count, inner]. A fibre is a pair (o, i).

/**
 * out[o, k, i] = x[o, index[o, k, i], i] for the fibres o·inner + i in [begin, end). All indices are in range.
 * @work (end - begin) * count * 4
 */
export function x32_gather(
  out: usize, x: usize, index: usize, length: i32, count: i32, inner: i32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(out | x | index);
  assertSizes(length | count | inner);
  let fibre = begin;
  while (fibre < end) {
    const o = fibre / inner;
    const first = fibre - o * inner;
    const last = min(inner, first + end - fibre);
    const block = x + ((<usize>o * <usize>length * <usize>inner) << 2);
    for (let k = 0; k < count; k++) {
      const row = (<usize>o * <usize>count + <usize>k) * <usize>inner;
      for (let i = first; i < last; i++) {
        const at = (row + <usize>i) << 2;
        store<u32>(out + at, load<u32>(block + ((<usize>load<i32>(index + at) * <usize>inner + <usize>i) << 2)));
      }
    }
    fibre += last - first;
  }
}

/**
 * dx[o, index[o, k, i], i] += dy[o, k, i], k by k, for the fibres o·inner + i in [begin, end). All indices are in
 * range.
 * @work (end - begin) * count * 4
 */
export function f32_gather_backward(
  dx: usize, dy: usize, index: usize, length: i32, count: i32, inner: i32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(dx | dy | index);
  assertSizes(length | count | inner);
  let fibre = begin;
  while (fibre < end) {
    const o = fibre / inner;
    const first = fibre - o * inner;
    const last = min(inner, first + end - fibre);
    const block = dx + ((<usize>o * <usize>length * <usize>inner) << 2);
    for (let k = 0; k < count; k++) {
      const row = (<usize>o * <usize>count + <usize>k) * <usize>inner;
      for (let i = first; i < last; i++) {
        const at = (row + <usize>i) << 2;
        const target = block + ((<usize>load<i32>(index + at) * <usize>inner + <usize>i) << 2);
        store<f32>(target, load<f32>(target) + load<f32>(dy + at));
      }
    }
    fibre += last - first;
  }
}
