import { f32x4_exp } from '../simd/exp';
import { f32x4_log } from '../simd/log';
import { unary } from './unary';

class Neg { @inline of(x: v128): v128 { return f32x4.neg(x); } }
class Exp { @inline of(x: v128): v128 { return f32x4_exp(x); } }
class Log { @inline of(x: v128): v128 { return f32x4_log(x); } }

/** y = −x for elements [begin, end). y may be x. */
export function f32_neg(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Neg>(y, x, begin, end);
}

/** y = eˣ for elements [begin, end), within 1 ULP. y may be x. */
export function f32_exp(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Exp>(y, x, begin, end);
}

/** y = log x for elements [begin, end), within 1 ULP. y may be x. */
export function f32_log(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Log>(y, x, begin, end);
}
