/**
 * out = a ∘ b for elements [begin, end): on equal shapes, and `_broadcast` on inputs that repeat along some axes
 * (`geometry`, `rank`: see `geometry.ts`). out may be an input that has its shape. Integers wrap around.
 */
import { binary, binaryBroadcast } from './binary';

class Add { @inline of(a: v128, b: v128): v128 { return f32x4.add(a, b); } }
class Sub { @inline of(a: v128, b: v128): v128 { return f32x4.sub(a, b); } }
class Mul { @inline of(a: v128, b: v128): v128 { return f32x4.mul(a, b); } }
class Add32 { @inline of(a: v128, b: v128): v128 { return i32x4.add(a, b); } }
class Sub32 { @inline of(a: v128, b: v128): v128 { return i32x4.sub(a, b); } }
class Mul32 { @inline of(a: v128, b: v128): v128 { return i32x4.mul(a, b); } }
class Div { @inline of(a: v128, b: v128): v128 { return f32x4.div(a, b); } }

/** out = a + b */
export function f32_add(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Add>(out, a, b, begin, end);
}

export function f32_add_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Add>(out, a, b, geometry, rank, begin, end);
}

/** out = a − b */
export function f32_sub(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Sub>(out, a, b, begin, end);
}

export function f32_sub_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Sub>(out, a, b, geometry, rank, begin, end);
}

/** out = a·b */
export function f32_mul(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Mul>(out, a, b, begin, end);
}

export function f32_mul_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Mul>(out, a, b, geometry, rank, begin, end);
}

/** out = a / b */
export function f32_div(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Div>(out, a, b, begin, end);
}

export function f32_div_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Div>(out, a, b, geometry, rank, begin, end);
}

export function i32_add(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Add32>(out, a, b, begin, end);
}

export function i32_add_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Add32>(out, a, b, geometry, rank, begin, end);
}

export function i32_sub(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Sub32>(out, a, b, begin, end);
}

export function i32_sub_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Sub32>(out, a, b, geometry, rank, begin, end);
}

export function i32_mul(out: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<Mul32>(out, a, b, begin, end);
}

export function i32_mul_broadcast(
  out: usize, a: usize, b: usize, geometry: usize, rank: i32, begin: i32, end: i32,
): void {
  binaryBroadcast<Mul32>(out, a, b, geometry, rank, begin, end);
}
