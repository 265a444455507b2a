/** Operations of one's own. */

import { checkArguments } from '../runtime/arguments.js';
import { describe } from '../runtime/describe.js';
import { AutogradError, DTypeError } from '../runtime/errors.js';
import { copyOf } from '../tensor/create.js';
import { currentScope } from '../tensor/scope.js';
import { isTensor, type Tensor } from '../tensor/tensor.js';
import { recordOp } from './tape.js';

const EXAMPLE = 'record(name="cube", output=y, inputs=[x], backward=(dy) => [dy], saved?=[x])';

/**
 * Makes a tensor that was computed without recording differentiable: an operation of your own with a backward pass of
 * your own. Inside `noGrad`, and where no input requires a gradient, it returns `output` and records nothing.
 *
 * `backward` gets dL/d(output) and returns dL/d(input) for each of `inputs`, in their order, each of the shape of its
 * input; null where an input has no gradient. It runs without recording, and at most once for each `backward()`. What
 * it reads must not be overwritten before: that is an error, as with any operation. Check it with `gradcheck`.
 *
 * Shapes: any; float32
 *
 * @param name of the operation, for messages
 * @param output of the operation, computed in `noGrad` from `inputs`
 * @param saved tensors that were made for `backward` alone: they are freed when it has run, or will not
 * @returns `output`
 * @throws {ArgumentError} when an argument is not what it should be
 * @throws {AutogradError} when `output` was recorded already: it was computed outside `noGrad`
 * @throws {DTypeError} when `output` is not float32
 * @see torch.autograd.Function
 * @example
 * const cube = (x: Tensor) => record('cube', noGrad(() => x.pow(3)), [x], (dy) => [dy.mul(x).mul(x).mul(3)]);
 * gradcheck(cube, [tensor([0.5, -1, 2], { requiresGrad: true })]);
 */
export function record(
  name: string,
  output: Tensor,
  inputs: readonly Tensor[],
  backward: (dy: Tensor) => readonly (Tensor | null)[],
  saved: readonly Tensor[] = [],
): Tensor {
  checkArguments(EXAMPLE, name, output, inputs, backward, saved);
  if (output.dtype !== 'float32')
    throw new DTypeError(`only float32 has gradients, the output is ${output.dtype}`, { where: `record: ${name}` });
  if (output.requiresGrad || inputs.includes(output))
    throw new AutogradError('the output must be a new tensor that nothing was recorded for', {
      where: `record: ${name}`,
      hint: 'compute it in noGrad(() => …)',
    });
  const checked = (dy: Tensor): Tensor[] => {
    const gradients = backward(dy);
    if (!Array.isArray(gradients) || gradients.length !== inputs.length)
      throw new AutogradError(
        `the backward pass must return an array of gradients, one for each ` +
          `input (${inputs.length}), not ${describe(gradients)}`,
        { where: name },
      );
    return gradients.map((gradient) =>
      isTensor(gradient) && gradient !== dy ? owned(gradient) : gradient,
    ) as Tensor[];
  };
  return recordOp(name, output, inputs, {}, checked, saved);
}

/** The walk takes gradients over: what was made before it (an input, something saved) stays as it is. */
function owned(gradient: Tensor): Tensor {
  return gradient.scope === currentScope ? gradient : copyOf(gradient);
}
