import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { type Shape, sizeOf } from '../../tensor/shape.js';
import { addressOf, addressOrNull, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { type AffineOptions, checkParts, lastAxes } from './normalisation.js';

const LAYER_NORM_CALL = 'layerNorm(x, normalizedShape=10|[10], { weight: weight|null, bias: bias|null, eps: 1e-5 })';

/**
 * Layer normalisation: the last axes of every sample by themselves.
 *
 * y = (x − mean) / √(variance + eps) · weight + bias, mean and variance (biased) over the last axes
 *
 * Shapes:   x […,D…] · normalizedShape D… (a number: one axis) · weight, bias [D…] → as x
 * Backward: saves x, weight and three numbers a row. With x̂ the normalised x and g = dy·weight:
 *           dx = (g − mean(g) − x̂·mean(g·x̂)) / √(variance + eps), dWeight = Σ dy·x̂, dBias = Σ dy
 * @throws {ShapeError} when x does not end in normalizedShape, or weight or bias has another shape than that
 * @throws {DTypeError} when a tensor is not float32
 * @see same as torch.nn.functional.layer_norm; Ba, Kiros and Hinton, arXiv 1607.06450
 */
export function layerNorm(x: Tensor, normalizedShape: number | Shape, options: AffineOptions = {}): Tensor {
  checkArguments(LAYER_NORM_CALL, x, normalizedShape, options);
  const { weight, bias, eps = 1e-5 } = options;
  requireFloat('layerNorm', { x });
  const shape = lastAxes('layerNorm', x, normalizedShape);
  checkParts('layerNorm', shape, x, { weight, bias });
  const size = sizeOf(shape);
  const rows = sizeOf(x.shape.slice(0, -shape.length));
  const y = empty(x.shape);
  const statistics = empty([3, rows]);
  if (size > 0)
    kernels.f32_layer_norm_forward(
      addressOf(y),
      addressOf(statistics),
      addressOf(x),
      addressOrNull(weight),
      addressOrNull(bias),
      rows,
      size,
      eps,
      0,
      rows,
    );

  return recordOp(
    'layerNorm',
    y,
    [x, weight, bias].filter((input) => input != null),
    { weight, bias, eps, axes: shape.length },
    (dy) => {
      let dx: Tensor | null = null;
      let dWeight: Tensor | null = null;
      let dBias: Tensor | null = null;
      if (x.requiresGrad) {
        dx = empty(x.shape);
        kernels.f32_layer_norm_backward(
          addressOf(dx),
          addressOf(dy),
          addressOf(x),
          addressOf(statistics),
          addressOrNull(weight),
          rows,
          size,
          0,
          rows,
        );
      }
      if (weight?.requiresGrad || bias?.requiresGrad) {
        dWeight = empty(shape);
        dBias = empty(shape);
        kernels.f32_layer_norm_backward_affine(
          addressOf(dWeight),
          addressOf(dBias),
          addressOf(dy),
          addressOf(x),
          addressOf(statistics),
          rows,
          size,
          0,
          size,
        );
      }
      return [dx, ...(weight ? [dWeight] : []), ...(bias ? [dBias] : [])];
    },
    [statistics],
  );
}
