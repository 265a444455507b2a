/**
 * Preconditions of kernels. Debug builds check them (`npm run test:debug`), release builds have nothing of them
 * (`noAssert`): what an assertion reads from memory stands behind ASC_NO_ASSERT, as a read is never dropped.
 */

/** A share of the work. */
// @ts-ignore: decorator
@inline
export function assertShare(begin: i32, end: i32): void {
  assert(0 <= begin && begin <= end, 'a share [begin, end): 0 <= begin <= end is expected');
}

/** Addresses of elements of 32 bits, or-ed together. */
// @ts-ignore: decorator
@inline
export function assertWords(addresses: usize): void {
  assert((addresses & 3) == 0, 'addresses of elements of 32 bits: multiples of 4 are expected');
}

/** Sizes, or-ed together. */
// @ts-ignore: decorator
@inline
export function assertSizes(sizes: i32): void {
  assert(sizes >= 0, 'sizes: none below 0 is expected');
}

/** Two ranges of which one is written. A range at address 0 is not there. */
export function assertApart(a: usize, aBytes: usize, b: usize, bBytes: usize): void {
  if (ASC_NO_ASSERT) return;
  assert(a == 0 || b == 0 || a + aBytes <= b || b + bBytes <= a, 'ranges that do not overlap are expected');
}
