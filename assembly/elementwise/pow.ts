/**
 * Powers of inputs that broadcast, and their slopes, for output elements [begin, end) (`geometry`, `rank`: see
 * `geometry.ts`). Lane by lane through the standard library's powf, which works in doubles.
 */
import { binary, binaryBroadcast } from './binary';

// Four powers take far longer than a call: so they are functions, which keeps every loop over them small.
class Pow { @inline of(a: v128, b: v128): v128 { return powers(a, b); } }
class BaseSlope { @inline of(a: v128, b: v128): v128 { return baseSlopes(a, b); } }
class ExponentSlope { @inline of(a: v128, b: v128): v128 { return exponentSlopes(a, b); } }

function powers(a: v128, b: v128): v128 {
  return lanes(
    power(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)),
    power(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)),
    power(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)),
    power(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)));
}

function baseSlopes(a: v128, b: v128): v128 {
  return lanes(
    baseSlope(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)),
    baseSlope(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)),
    baseSlope(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)),
    baseSlope(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)));
}

function exponentSlopes(a: v128, b: v128): v128 {
  return lanes(
    exponentSlope(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)),
    exponentSlope(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)),
    exponentSlope(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)),
    exponentSlope(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)));
}

// @ts-ignore: decorator
@inline
function lanes(a: f32, b: f32, c: f32, d: f32): v128 {
  return f32x4.replace_lane(f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(a), 1, b), 2, c), 3, d);
}

/**
 * aᵇ as in C and PyTorch: 1 for b = 0 and for a = 1, whatever the other is. (JavaScript's rule differs for 1^NaN, 1^∞.)
 */
function power(a: f32, b: f32): f32 {
  if (a == 1 || b == 0) return 1;
  if (a == -1 && abs(b) == f32.POSITIVE_INFINITY) return 1;
  return Mathf.pow(a, b);
}

function baseSlope(a: f32, b: f32): f32 {
  return b == 0 ? 0 : b * power(a, b - 1);
}

function exponentSlope(a: f32, b: f32): f32 {
  return a == 0 && b >= 0 ? 0 : power(a, b) * Mathf.log(a);
}

/** out = aᵇ @work 60 * (end - begin) */
export function f32_pow(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Pow>(out, a, b, begin, end);
}

/** out = aᵇ @work 60 * (end - begin) */
export function f32_pow_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Pow>(out, a, b, geometry, rank, begin, end, false);
}

/** out = ∂aᵇ/∂a = b·aᵇ⁻¹; 0 where b = 0 @work 60 * (end - begin) */
export function f32_pow_base_slope(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<BaseSlope>(out, a, b, begin, end);
}

/** out = b·aᵇ⁻¹; 0 where b = 0 @work 60 * (end - begin) */
export function f32_pow_base_slope_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<BaseSlope>(out, a, b, geometry, rank, begin, end, false);
}

/** out = ∂aᵇ/∂b = aᵇ·log a; 0 where a = 0 and b ≥ 0 @work 80 * (end - begin) */
export function f32_pow_exponent_slope(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<ExponentSlope>(out, a, b, begin, end);
}

/** out = aᵇ·log a; 0 where a = 0 and b ≥ 0 @work 80 * (end - begin) */
export function f32_pow_exponent_slope_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<ExponentSlope>(out, a, b, geometry, rank, begin, end, false);
}
