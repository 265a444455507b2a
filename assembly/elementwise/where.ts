import { assertShare, assertSizes, assertWords } from '../assert';
import { x32x4_load_tail, x32x4_store_tail } from '../simd/vector';
import { innerSize, innerStride, rowOffset } from './geometry';

/**
 * out[i] = mask ? a : b, for output elements [begin, end) of three inputs that broadcast (`geometry`, `rank`: see
 * `geometry.ts`). mask has bytes, 0 or not; a, b and out any elements of 4 bytes. out may be a or b of its shape.
 */
export function x32_where(
  out: usize, mask: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(out | a | b | geometry);
  assertSizes(rank);
  const inner = innerSize(geometry, rank, 3);
  const maskStep = innerStride(geometry, rank, 3, 0);
  const aStep = innerStride(geometry, rank, 3, 1);
  const bStep = innerStride(geometry, rank, 3, 2);
  for (let i = begin; i < end;) {
    const row = i / inner;
    const within = i - row * inner;
    const count = min(inner - within, end - i);
    const maskRow = mask + <usize>(rowOffset(geometry, rank, 3, 0, row) + within * maskStep);
    const aRow = a + (<usize>(rowOffset(geometry, rank, 3, 1, row) + within * aStep) << 2);
    const bRow = b + (<usize>(rowOffset(geometry, rank, 3, 2, row) + within * bStep) << 2);
    whereRow(out + (<usize>i << 2), maskRow, aRow, bRow, maskStep, aStep, bStep, count);
    i += count;
  }
}

function whereRow(
  out: usize, mask: usize, a: usize, b: usize, maskStep: i32, aStep: i32, bStep: i32, count: i32,
): void {
  const maskAll = v128.load8_splat(mask);
  const aAll = v128.load32_splat(a);
  const bAll = v128.load32_splat(b);
  const rest = count & 3;
  const last = out + (<usize>(count - rest) << 2);
  for (; out < last; out += 16, mask += <usize>maskStep << 2, a += <usize>aStep << 4, b += <usize>bStep << 4) {
    const bytes = maskStep == 0 ? maskAll : v128.load32_zero(mask);
    v128.store(
      out, v128.bitselect(aStep == 0 ? aAll : v128.load(a), bStep == 0 ? bAll : v128.load(b), lanesOfBytes(bytes)));
  }
  if (rest > 0) {
    let bytes = maskAll;
    if (maskStep == 1) {
      bytes = v128.load8_splat(mask);
      if (rest > 1) bytes = v128.load_lane<u8>(mask + 1, bytes, 1);
      if (rest > 2) bytes = v128.load_lane<u8>(mask + 2, bytes, 2);
    }
    const aRest = aStep == 0 ? aAll : x32x4_load_tail(a, rest);
    const bRest = bStep == 0 ? bAll : x32x4_load_tail(b, rest);
    x32x4_store_tail(out, v128.bitselect(aRest, bRest, lanesOfBytes(bytes)), rest);
  }
}

/** The first four bytes as lanes of all ones where they are not 0. */
// @ts-ignore: decorator
@inline
function lanesOfBytes(bytes: v128): v128 {
  return i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)), i32x4.splat(0));
}
