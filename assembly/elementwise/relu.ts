import { f32x4_relu, f32x4_relu_gradient } from '../simd/relu';
import { binary } from './binary';
import { unary } from './unary';

class Relu { @inline of(x: v128): v128 { return f32x4_relu(x); } }
class ReluGradient { @inline of(dy: v128, y: v128): v128 { return f32x4_relu_gradient(dy, y); } }
class AddRelu { @inline of(a: v128, b: v128): v128 { return f32x4_relu(f32x4.add(a, b)); } }

/** y[i] = x[i] < 0 ? 0 : x[i] for i in [begin, end): NaN and −0 stay. y may be x. */
export function f32_relu_forward(y: usize, x: usize, begin: i32, end: i32): void {
  unary<Relu>(y, x, begin, end);
}

/** dx[i] = y[i] ≤ 0 ? 0 : dy[i] for i in [begin, end): dy where y is NaN, as in PyTorch. dx may be dy. */
export function f32_relu_backward(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  binary<ReluGradient>(dx, dy, y, begin, end);
}

/** y[i] = ReLU(a[i] + b[i]) for i in [begin, end). y may be a or b. */
export function f32_add_relu(y: usize, a: usize, b: usize, begin: i32, end: i32): void {
  binary<AddRelu>(y, a, b, begin, end);
}
