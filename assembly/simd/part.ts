import { x32x4_load_tail, x32x4_store_tail } from './vector';

/** `count` elements, 1 to 4, the other lanes 0: with the literal 4 in the loop, one line serves it and its tail. */
// @ts-ignore: decorator
@inline
export function loadPart(from: usize, count: i32): v128 {
  return count == 4 ? v128.load(from) : x32x4_load_tail(from, count);
}

/** Writes the first `count` lanes, 1 to 4. */
// @ts-ignore: decorator
@inline
export function storePart(to: usize, value: v128, count: i32): void {
  if (count == 4) v128.store(to, value);
  else x32x4_store_tail(to, value, count);
}

/*
 * The second vector of a pair: what a wide kernel (`width.ts`) does beside the first, with the literal true. Else it is
 * `first`, and nothing is left of what is computed from it.
 */

// @ts-ignore: decorator
@inline
export function loadNext(from: usize, first: v128, pair: bool): v128 {
  return pair ? v128.load(from, 16) : first;
}

// @ts-ignore: decorator
@inline
export function storeNext(to: usize, value: v128, pair: bool): void {
  if (pair) v128.store(to, value, 16);
}
