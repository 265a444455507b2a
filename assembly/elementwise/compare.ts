/**
 * out[i] = a ∘ b ? 1 : 0, one byte each, for output elements [begin, end) of inputs that broadcast (`geometry`, `rank`:
 * see `geometry.ts`). Comparisons with NaN are false, except ≠. a > b is b < a.
 */
import { x32x4_load_tail } from '../simd/vector';
import { inner_size, inner_stride, row_offset } from './geometry';

// @ts-ignore: decorator
@inline
function compare<Op>(out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  const inner = inner_size(geometry, rank, 2);
  const a_step = inner_stride(geometry, rank, 2, 0);
  const b_step = inner_stride(geometry, rank, 2, 1);
  for (let i = begin; i < end;) {
    const row = i / inner;
    const within = i - row * inner;
    const count = min(inner - within, end - i);
    const a_row = a + (<usize>(row_offset(geometry, rank, 2, 0, row) + within * a_step) << 2);
    const b_row = b + (<usize>(row_offset(geometry, rank, 2, 1, row) + within * b_step) << 2);
    compare_row<Op>(out + <usize>i, a_row, b_row, a_step, b_step, count);
    i += count;
  }
}

// @ts-ignore: decorator
@inline
function compare_row<Op>(out: usize, a: usize, b: usize, a_step: i32, b_step: i32, count: i32): void {
  const op = changetype<Op>(0);
  const a_all = v128.load32_splat(a);
  const b_all = v128.load32_splat(b);
  const rest = count & 3;
  const last = out + <usize>(count - rest);
  for (; out < last; out += 4, a += <usize>a_step << 4, b += <usize>b_step << 4) {
    const mask = op.of(a_step == 0 ? a_all : v128.load(a), b_step == 0 ? b_all : v128.load(b));
    v128.store_lane<u32>(out, bytes_of_mask(mask), 0);
  }
  if (rest > 0) {
    const bytes = bytes_of_mask(op.of(a_step == 0 ? a_all : x32x4_load_tail(a, rest), b_step == 0 ? b_all : x32x4_load_tail(b, rest)));
    v128.store_lane<u8>(out, bytes, 0);
    if (rest > 1) v128.store_lane<u8>(out, bytes, 1, 1);
    if (rest > 2) v128.store_lane<u8>(out, bytes, 2, 2);
  }
}

/** The four lanes of a mask as bytes of 0 or 1, in the first four bytes. */
// @ts-ignore: decorator
@inline
function bytes_of_mask(mask: v128): v128 {
  const halves = i16x8.narrow_i32x4_s(mask, mask);
  return v128.and(i8x16.narrow_i16x8_s(halves, halves), i8x16.splat(1));
}

class Eq { @inline of(a: v128, b: v128): v128 { return f32x4.eq(a, b); } }
class Ne { @inline of(a: v128, b: v128): v128 { return f32x4.ne(a, b); } }
class Lt { @inline of(a: v128, b: v128): v128 { return f32x4.lt(a, b); } }
class Le { @inline of(a: v128, b: v128): v128 { return f32x4.le(a, b); } }
class Eq32 { @inline of(a: v128, b: v128): v128 { return i32x4.eq(a, b); } }
class Ne32 { @inline of(a: v128, b: v128): v128 { return i32x4.ne(a, b); } }
class Lt32 { @inline of(a: v128, b: v128): v128 { return i32x4.lt_s(a, b); } }
class Le32 { @inline of(a: v128, b: v128): v128 { return i32x4.le_s(a, b); } }

/** a = b */
export function f32_eq(out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  compare<Eq>(out, a, b, geometry, rank, begin, end);
}

/** a ≠ b */
export function f32_ne(out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  compare<Ne>(out, a, b, geometry, rank, begin, end);
}

/** a < b */
export function f32_lt(out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  compare<Lt>(out, a, b, geometry, rank, begin, end);
}

/** a ≤ b */
export function f32_le(out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  compare<Le>(out, a, b, geometry, rank, begin, end);
}

export function i32_eq(out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  compare<Eq32>(out, a, b, geometry, rank, begin, end);
}

export function i32_ne(out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  compare<Ne32>(out, a, b, geometry, rank, begin, end);
}

export function i32_lt(out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  compare<Lt32>(out, a, b, geometry, rank, begin, end);
}

export function i32_le(out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  compare<Le32>(out, a, b, geometry, rank, begin, end);
}
