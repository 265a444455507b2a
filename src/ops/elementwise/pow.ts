import { kernels } from '../../runtime/runtime.js';
import type { Tensor } from '../../tensor/tensor.js';
import { checkOperands, combine, type Operand, recordBinary } from './binary.js';
import { withDtype } from './cast.js';
import { reciprocal } from './reciprocal.js';
import { rsqrt, sqrt } from './sqrt.js';
import { square } from './square.js';
import { unary } from './unary.js';

/**
 * baseᵉˣᵖᵒⁿᵉⁿᵗ, element by element, in float32; integers are converted. x⁰ = 1 and 1ˣ = 1 for all x, NaN included; a
 * negative base with a fractional exponent gives NaN. Exponents given as the numbers 2, 3, ½, −½, −1 and −2 are
 * products, roots and quotients, as in PyTorch.
 *
 * Shapes:   base, exponent broadcast → their common shape
 * Backward: d base = dy·exponent·baseᵉˣᵖᵒⁿᵉⁿᵗ⁻¹ (0 where the exponent is 0);
 *           d exponent = dy·y·log base (0 where the base is 0 and the exponent ≥ 0)
 * @throws {ShapeError} when the shapes do not broadcast
 */
export function pow(base: Operand, exponent: Operand): Tensor {
  checkOperands('pow', base, exponent);
  if (typeof base !== 'number') {
    switch (exponent) {
      case 2:
        return withDtype(base, 'float32', square);
      case 3:
        return unary('cube', base, kernels.f32_cube_forward, 'input', kernels.f32_cube_backward);
      case 0.5:
        return sqrt(base);
      case -0.5:
        return rsqrt(base);
      case -1:
        return reciprocal(base);
      case -2:
        return reciprocal(withDtype(base, 'float32', square));
    }
  }
  return recordBinary(
    'pow',
    combine('pow', base, exponent),
    base,
    exponent,
    (dy) => combine('mul', dy, combine('pow_base_slope', base, exponent)),
    (dy) => combine('mul', dy, combine('pow_exponent_slope', base, exponent)),
  );
}
