/**
 * out[i] = a ∘ b ? 1 : 0, one byte each, for output elements [begin, end) of inputs that broadcast (`geometry`, `rank`:
 * see `geometry.ts`). Comparisons with NaN are false, except ≠. a > b is b < a.
 */
import { x32x4_load_tail } from '../simd/vector';
import { innerSize, innerStride, rowOffset } from './geometry';

// @ts-ignore: decorator
@inline
function compare<Op>(out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32): void {
  const inner = innerSize(geometry, rank, 2);
  const aStep = innerStride(geometry, rank, 2, 0);
  const bStep = innerStride(geometry, rank, 2, 1);
  for (let i = begin; i < end;) {
    const row = i / inner;
    const within = i - row * inner;
    const count = min(inner - within, end - i);
    const aRow = a + (<usize>(rowOffset(geometry, rank, 2, 0, row) + within * aStep) << 2);
    const bRow = b + (<usize>(rowOffset(geometry, rank, 2, 1, row) + within * bStep) << 2);
    compareRow<Op>(out + <usize>i, aRow, bRow, aStep, bStep, count);
    i += count;
  }
}

// @ts-ignore: decorator
@inline
function compareRow<Op>(out: usize, a: usize, b: usize, aStep: i32, bStep: i32, count: i32): void {
  const op = changetype<Op>(0);
  const aAll = v128.load32_splat(a);
  const bAll = v128.load32_splat(b);
  const rest = count & 3;
  const last = out + <usize>(count - rest);
  for (; out < last; out += 4, a += <usize>aStep << 4, b += <usize>bStep << 4) {
    const mask = op.of(aStep == 0 ? aAll : v128.load(a), bStep == 0 ? bAll : v128.load(b));
    v128.store_lane<u32>(out, bytesOfMask(mask), 0);
  }
  if (rest > 0) {
    const bytes = bytesOfMask(
      op.of(aStep == 0 ? aAll : x32x4_load_tail(a, rest), bStep == 0 ? bAll : x32x4_load_tail(b, rest)));
    v128.store_lane<u8>(out, bytes, 0);
    if (rest > 1) v128.store_lane<u8>(out, bytes, 1, 1);
    if (rest > 2) v128.store_lane<u8>(out, bytes, 2, 2);
  }
}

/** The four lanes of a mask as bytes of 0 or 1, in the first four bytes. */
// @ts-ignore: decorator
@inline
function bytesOfMask(mask: v128): v128 {
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
