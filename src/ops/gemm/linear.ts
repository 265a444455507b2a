import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { formatShape, sizeOf } from '../../tensor/shape.js';
import { addressOf, addressOrNull, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { reluGradient } from '../elementwise/relu.js';
import { gemm } from './gemm.js';

/**
 * Fully connected layer: an affine map of the last axis.
 *
 * y[…,o] = Σᵢ x[…,i]·weight[o,i] + bias[o]
 *
 * Shapes:   x […,I] · weight [O,I] · bias [O] → […,O]
 * Backward: saves x, weight; dx = dy·weight, dWeight = dyᵀ·x, dBias = Σ dy over all rows
 * Cost:     2·I·O FLOP a row
 * @throws {ShapeError} when the last axis of x is not that of weight, or bias does not have one number per output
 * @throws {DTypeError} when an operand is not float32
 * @see same as torch.nn.functional.linear
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  checkArguments('linear(x, weight, bias?=bias|null)', x, weight, bias);
  return fusedLinear(x, weight, bias, false);
}

/** `linear`, with `relu` followed by a ReLU in the same pass: the same bits, but only its output is saved. @internal */
export function fusedLinear(x: Tensor, weight: Tensor, bias: Tensor | null, relu: boolean): Tensor {
  requireFloat('linear', { x, weight, bias });
  checkOperands(x, weight, bias);
  const [outFeatures, inFeatures] = weight.shape as [number, number];
  const leading = x.shape.slice(0, -1);
  const rows = sizeOf(leading);
  const y = empty([...leading, outFeatures]);
  gemm(addressOf(y), addressOf(x), addressOf(weight), rows, outFeatures, inFeatures, {
    transposeB: true,
    bias: addressOrNull(bias),
    relu,
    mayBeSparse: ['a'],
  });
  const inputs = bias === null ? [x, weight] : [x, weight, bias];
  return recordOp(relu ? 'linear + relu' : 'linear', y, inputs, {}, (received) => {
    const dy = relu ? reluGradient(received, y) : received;
    let dx: Tensor | null = null;
    let dWeight: Tensor | null = null;
    let dBias: Tensor | null = null;
    if (x.requiresGrad) {
      dx = empty(x.shape);
      gemm(addressOf(dx), addressOf(dy), addressOf(weight), rows, inFeatures, outFeatures, { mayBeSparse: ['a'] });
    }
    if (weight.requiresGrad) {
      dWeight = empty(weight.shape);
      gemm(addressOf(dWeight), addressOf(dy), addressOf(x), outFeatures, inFeatures, rows, {
        transposeA: true,
        mayBeSparse: ['a', 'b'],
      });
    }
    if (bias?.requiresGrad) {
      dBias = empty(bias.shape);
      kernels.f32_sum_columns(addressOf(dBias), addressOf(dy), rows, outFeatures, 0, outFeatures);
    }
    return bias === null ? [dx, dWeight] : [dx, dWeight, dBias];
  });
}

function checkOperands(x: Tensor, weight: Tensor, bias: Tensor | null): void {
  if (weight.rank !== 2) {
    throw new ShapeError(`weight must be [outFeatures, inFeatures], not ${formatShape(weight.shape)}`, {
      where: 'linear',
    });
  }
  const [outFeatures, inFeatures] = weight.shape as [number, number];
  if (x.rank === 0 || x.shape.at(-1) !== inFeatures) {
    const last = x.rank === 0 ? 'is a scalar' : `has ${x.shape.at(-1)} features on axis ${x.rank - 1}`;
    const flattened = x.rank > 2 && sizeOf(x.shape.slice(1)) === inFeatures;
    throw new ShapeError(
      `the input (shape ${formatShape(x.shape)}) ${last}, but ` +
        `weight ${formatShape(weight.shape)} expects ${inFeatures}`,
      {
        where: 'linear',
        hint: flattened
          ? 'flatten it first: x.flatten({ startAxis: 1 }), or a Flatten layer'
          : `give the layer inFeatures = ${x.shape.at(-1) ?? 1}, or reshape the input`,
      },
    );
  }
  if (bias !== null && (bias.rank !== 1 || bias.shape[0] !== outFeatures)) {
    throw new ShapeError(
      `bias has shape ${formatShape(bias.shape)}, but weight ${formatShape(weight.shape)} gives ${outFeatures} outputs`,
      {
        where: 'linear',
        hint: `the bias must have shape [${outFeatures}]`,
      },
    );
  }
}
