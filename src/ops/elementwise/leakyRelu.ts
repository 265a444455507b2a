import { checkArguments } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { unary } from './unary.js';

/**
 * A rectifier that lets a little through below zero.
 *
 * y = x > 0 ? x : negativeSlope·x
 *
 * Shapes:   any → the same; integers become float32
 * Backward: saves x; dx = x > 0 ? dy : negativeSlope·dy (the slope at 0 is negativeSlope, as in PyTorch)
 */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  checkArguments('leakyRelu(x, negativeSlope?=0.01)', x, negativeSlope);
  return unary(
    'leakyRelu',
    x,
    (y, from, begin, end) => kernels.f32_leaky_relu_forward(y, from, negativeSlope, begin, end),
    'input',
    (dx, dy, from, begin, end) => kernels.f32_leaky_relu_backward(dx, dy, from, negativeSlope, begin, end),
    { negativeSlope },
  );
}
