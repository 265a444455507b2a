/**
 * Whole numbers below a bound, each equally likely: the upper half of word·range, as Lemire shows ("Fast random integer
 * generation in an interval", 2019), where a word that falls into the uneven rest (lower half < 2³² mod range) is drawn
 * again. The next word comes from the same block with the next `attempt`, so no other element is disturbed.
 */
import { assertShare, assertSizes, assertWords } from '../assert';
import { Emit, put } from './emit';
import { fill, redraw } from './philox';

class Bits extends Emit {
  // @ts-ignore: decorator
  @inline
  emit(
    out: usize, group: i32, begin: i32, end: i32, w0: v128, w1: v128, w2: v128, w3: v128, a: f32, b: f32, limit: f32,
  ): void {
    put(out, group, begin, end, w0);
    put(out, group + 4, begin, end, w1);
    put(out, group + 8, begin, end, w2);
    put(out, group + 12, begin, end, w3);
  }
}

/** The number in [0, range) that element `element` draws, `word` being its first word; range ≥ 1. */
// @ts-ignore: decorator
@inline
function below(range: u32, word: u32, element: i32, seed: i32, stream: i32, draw: i32): u32 {
  let product = <u64>word * <u64>range;
  if (<u32>product < range) {
    const rest: u32 = (<u32>0 - range) % range; // 2³² mod range
    for (let attempt = 1; <u32>product < rest; attempt++) {
      product = <u64>redraw(element, attempt, seed, stream, draw) * <u64>range;
    }
  }
  return <u32>(product >> 32);
}

/**
 * out[i], i32, = the words themselves for i in [begin, end).
 *
 * @work 4 * (end - begin)
 */
export function i32_random_bits(out: usize, seed: i32, stream: i32, draw: i32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(out);
  fill<Bits>(out, seed, stream, draw, 0, 0, 0, begin, end);
}

/**
 * out[i], i32, in [low, low + range), each equally likely, for i in [begin, end); 1 ≤ range < 2³².
 *
 * @work 8 * (end - begin)
 */
export function i32_random_integers(
  out: usize, seed: i32, stream: i32, draw: i32, low: i32, range: u32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(out);
  i32_random_bits(out, seed, stream, draw, begin, end);
  for (let i = begin; i < end; i++) {
    const address = out + (<usize>i << 2);
    store<i32>(address, low + <i32>below(range, load<u32>(address), i, seed, stream, draw));
  }
}

/**
 * out[0 … n), i32, = a permutation of 0 … n − 1, each equally likely (as far as the 2⁶⁴ keys reach): Fisher and Yates'
 * shuffle from the inside out. Step i reads its word where no element stands yet, at out[i]. One share: it is
 * sequential.
 */
export function i32_random_permutation(out: usize, seed: i32, stream: i32, draw: i32, n: i32): void {
  assertWords(out);
  assertSizes(n);
  i32_random_bits(out, seed, stream, draw, 0, n);
  for (let i = 0; i < n; i++) {
    const address = out + (<usize>i << 2);
    const chosen = out + (<usize>below(i + 1, load<u32>(address), i, seed, stream, draw) << 2);
    store<i32>(address, load<i32>(chosen));
    store<i32>(chosen, i);
  }
}
