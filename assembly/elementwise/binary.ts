/** Templates of two inputs; `Op` as in `unary.ts`, its method takes four lanes of each. */
import { assertShare, assertSizes, assertWords } from '../assert';
import { x32x4_load_tail, x32x4_store_tail } from '../simd/vector';
import { WIDE } from '../simd/width';
import { innerSize, innerStride, rowOffset } from './geometry';

/** out[i] = Op(a[i], b[i]) for i in [begin, end). out may be a or b. Not inlined: the broadcasts' rows share it. */
export function binary<Op>(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(out | a | b);
  const op = changetype<Op>(0);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 32 <= last; i += 32) {
    const first = op.of(v128.load(a + i), v128.load(b + i));
    const second = op.of(v128.load(a + i, 16), v128.load(b + i, 16));
    v128.store(out + i, first);
    v128.store(out + i, second, 16);
  }
  for (; i + 16 <= last; i += 16) v128.store(out + i, op.of(v128.load(a + i), v128.load(b + i)));
  if (i < last) {
    const rest = <i32>(last - i) >> 2;
    x32x4_store_tail(out + i, op.of(x32x4_load_tail(a + i, rest), x32x4_load_tail(b + i, rest)), rest);
  }
}

/** out[i] = Op(a[i], b[i], p, q) for i in [begin, end), p and q the same in all lanes. out may be a or b. */
// @ts-ignore: decorator
@inline
export function binaryWith<Op>(out: usize, a: usize, b: usize, p: v128, q: v128, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(out | a | b);
  const op = changetype<Op>(0);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  if (WIDE) {
    for (; i + 32 <= last; i += 32) {
      const first = op.of(v128.load(a + i), v128.load(b + i), p, q);
      const second = op.of(v128.load(a + i, 16), v128.load(b + i, 16), p, q);
      v128.store(out + i, first);
      v128.store(out + i, second, 16);
    }
  }
  for (; i + 16 <= last; i += 16) v128.store(out + i, op.of(v128.load(a + i), v128.load(b + i), p, q));
  if (i < last) {
    const rest = <i32>(last - i) >> 2;
    x32x4_store_tail(out + i, op.of(x32x4_load_tail(a + i, rest), x32x4_load_tail(b + i, rest), p, q), rest);
  }
}

/**
 * out[i] = Op(a, b) over inputs that broadcast, for output elements i in [begin, end). `geometry`: see `geometry.ts`.
 * out may be an input of the output's shape.
 *
 * @param pairs whether wide kernels may take two vectors at once. V8 of Node 26 ends the process over pairs of
 * functions that compute lane by lane.
 */
// @ts-ignore: decorator
@inline
export function binaryBroadcast<Op>(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32, pairs: bool = true,
): void {
  assertShare(begin, end);
  assertWords(out | a | b | geometry);
  assertSizes(rank - 1);
  const inner = innerSize(geometry, rank, 2);
  const aStep = innerStride(geometry, rank, 2, 0);
  const bStep = innerStride(geometry, rank, 2, 1);
  let row = begin / inner;
  let within = begin - row * inner;
  for (let i = begin; i < end; row++) {
    const count = min(inner - within, end - i);
    const aRow = a + (<usize>(rowOffset(geometry, rank, 2, 0, row) + within * aStep) << 2);
    const bRow = b + (<usize>(rowOffset(geometry, rank, 2, 1, row) + within * bStep) << 2);
    binaryRow<Op>(out + (<usize>i << 2), aRow, bRow, aStep, bStep, count, pairs);
    i += count;
    within = 0;
  }
}

/** One row: a and b step by 0 or 1. */
// @ts-ignore: decorator
@inline
function binaryRow<Op>(
  out: usize, a: usize, b: usize, aStep: i32, bStep: i32, count: i32, pairs: bool,
): void {
  const op = changetype<Op>(0);
  if (aStep == 1 && bStep == 1) {
    binary<Op>(out, a, b, 0, count);
    return;
  }
  const aAll = v128.load32_splat(a);
  const bAll = v128.load32_splat(b);
  const last = out + (<usize>(count & ~3) << 2);
  const rest = count & 3;
  if (aStep == 1) {
    if (WIDE && pairs) {
      for (; out + 16 < last; out += 32, a += 32) {
        const first = op.of(v128.load(a), bAll);
        const second = op.of(v128.load(a, 16), bAll);
        v128.store(out, first);
        v128.store(out, second, 16);
      }
    }
    for (; out < last; out += 16, a += 16) v128.store(out, op.of(v128.load(a), bAll));
    if (rest > 0) x32x4_store_tail(out, op.of(x32x4_load_tail(a, rest), bAll), rest);
  } else if (bStep == 1) {
    if (WIDE && pairs) {
      for (; out + 16 < last; out += 32, b += 32) {
        const first = op.of(aAll, v128.load(b));
        const second = op.of(aAll, v128.load(b, 16));
        v128.store(out, first);
        v128.store(out, second, 16);
      }
    }
    for (; out < last; out += 16, b += 16) v128.store(out, op.of(aAll, v128.load(b)));
    if (rest > 0) x32x4_store_tail(out, op.of(aAll, x32x4_load_tail(b, rest)), rest);
  } else {
    const value = op.of(aAll, bAll);
    for (; out < last; out += 16) v128.store(out, value);
    if (rest > 0) x32x4_store_tail(out, value, rest);
  }
}
