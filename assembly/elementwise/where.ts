import { x32x4_load_tail, x32x4_store_tail } from '../simd/vector';
import { inner_size, inner_stride, row_offset } from './geometry';

/**
 * out[i] = mask ? a : b, for output elements [begin, end) of three inputs that broadcast (`geometry`, `rank`: see
 * `geometry.ts`). mask has bytes, 0 or not; a, b and out any elements of 4 bytes. out may be a or b of its shape.
 */
export function x32_where(out: usize, mask: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  const inner = inner_size(geometry, rank, 3);
  const mask_step = inner_stride(geometry, rank, 3, 0);
  const a_step = inner_stride(geometry, rank, 3, 1);
  const b_step = inner_stride(geometry, rank, 3, 2);
  for (let i = begin; i < end;) {
    const row = i / inner;
    const within = i - row * inner;
    const count = min(inner - within, end - i);
    const mask_row = mask + <usize>(row_offset(geometry, rank, 3, 0, row) + within * mask_step);
    const a_row = a + (<usize>(row_offset(geometry, rank, 3, 1, row) + within * a_step) << 2);
    const b_row = b + (<usize>(row_offset(geometry, rank, 3, 2, row) + within * b_step) << 2);
    where_row(out + (<usize>i << 2), mask_row, a_row, b_row, mask_step, a_step, b_step, count);
    i += count;
  }
}

function where_row(out: usize, mask: usize, a: usize, b: usize, mask_step: i32, a_step: i32, b_step: i32, count: i32): void {
  const mask_all = v128.load8_splat(mask);
  const a_all = v128.load32_splat(a);
  const b_all = v128.load32_splat(b);
  const rest = count & 3;
  const last = out + (<usize>(count - rest) << 2);
  for (; out < last; out += 16, mask += <usize>mask_step << 2, a += <usize>a_step << 4, b += <usize>b_step << 4) {
    const bytes = mask_step == 0 ? mask_all : v128.load32_zero(mask);
    v128.store(out, v128.bitselect(a_step == 0 ? a_all : v128.load(a), b_step == 0 ? b_all : v128.load(b), lanes_of_bytes(bytes)));
  }
  if (rest > 0) {
    let bytes = mask_all;
    if (mask_step == 1) {
      bytes = v128.load8_splat(mask);
      if (rest > 1) bytes = v128.load_lane<u8>(mask + 1, bytes, 1);
      if (rest > 2) bytes = v128.load_lane<u8>(mask + 2, bytes, 2);
    }
    const a_rest = a_step == 0 ? a_all : x32x4_load_tail(a, rest);
    const b_rest = b_step == 0 ? b_all : x32x4_load_tail(b, rest);
    x32x4_store_tail(out, v128.bitselect(a_rest, b_rest, lanes_of_bytes(bytes)), rest);
  }
}

/** The first four bytes as lanes of all ones where they are not 0. */
// @ts-ignore: decorator
@inline
function lanes_of_bytes(bytes: v128): v128 {
  return i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)), i32x4.splat(0));
}
