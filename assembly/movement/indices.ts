import { assertSizes, assertWords } from '../assert';

/**
 * The first k < count with index[k] outside [0, length) and not equal to `ignored` (NaN: nothing is); −1: there is
 * none.
 */
export function i32_first_outside(index: usize, count: i32, length: i32, ignored: f64): i32 {
  assertWords(index);
  assertSizes(count | length);
  for (let k = 0; k < count; k++) {
    const value = load<i32>(index + (<usize>k << 2));
    if (<u32>value >= <u32>length && <f64>value != ignored) return k;
  }
  return -1;
}
