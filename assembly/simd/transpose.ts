/**
 * Writes a 4×4 square transposed: to[i][j] = from[j][i], any elements of 32 bits; steps between rows in bytes. The two
 * squares do not overlap.
 */
// @ts-ignore: decorator
@inline
export function transpose4(to: usize, toStep: usize, from: usize, fromStep: usize): void {
  const r0 = v128.load(from);
  from += fromStep;
  const r1 = v128.load(from);
  from += fromStep;
  const r2 = v128.load(from);
  from += fromStep;
  const r3 = v128.load(from);
  const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
  const high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
  to += toStep;
  v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3));
  to += toStep;
  v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2));
  to += toStep;
  v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3));
}
