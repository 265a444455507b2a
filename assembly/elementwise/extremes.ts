/**
 * Larger and smaller elements of inputs that broadcast, for output elements [begin, end) (`geometry`, `rank`: see
 * `geometry.ts`). NaN in either gives NaN. out may be an input that has its shape.
 */
import { f32x4_select } from '../simd/vector';
import { binary, binaryBroadcast } from './binary';

class Max { @inline of(a: v128, b: v128): v128 { return f32x4.max(a, b); } }
class Min { @inline of(a: v128, b: v128): v128 { return f32x4.min(a, b); } }
class Max32 { @inline of(a: v128, b: v128): v128 { return i32x4.max_s(a, b); } }
class Min32 { @inline of(a: v128, b: v128): v128 { return i32x4.min_s(a, b); } }
class MaxShare {
  @inline of(a: v128, b: v128): v128 {
    const unequal = f32x4_select(f32x4.lt(a, b), f32x4.splat(0), f32x4.splat(1));
    return f32x4_select(f32x4.eq(a, b), f32x4.splat(0.5), unequal);
  }
}

/** out = max(a, b) */
export function f32_maximum(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Max>(out, a, b, begin, end);
}

export function f32_maximum_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Max>(out, a, b, geometry, rank, begin, end);
}

/** out = min(a, b) */
export function f32_minimum(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Min>(out, a, b, begin, end);
}

export function f32_minimum_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Min>(out, a, b, geometry, rank, begin, end);
}

/** ∂max(a, b)/∂a: 1 where a is larger (or one is NaN), ½ where they are equal, else 0. ∂min(a, b)/∂b is the same. */
export function f32_max_share(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<MaxShare>(out, a, b, begin, end);
}

export function f32_max_share_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<MaxShare>(out, a, b, geometry, rank, begin, end);
}

export function i32_maximum(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Max32>(out, a, b, begin, end);
}

export function i32_maximum_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Max32>(out, a, b, geometry, rank, begin, end);
}

export function i32_minimum(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Min32>(out, a, b, begin, end);
}

export function i32_minimum_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Min32>(out, a, b, geometry, rank, begin, end);
}
