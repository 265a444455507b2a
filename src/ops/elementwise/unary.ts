/** What operations of one input share. */

import { overwritable, recordOp } from '../../autograd/tape.js';
import type { Attributes } from '../../autograd/trace.js';
import type { Address } from '../../runtime/address.js';
import { checkTensor } from '../../runtime/arguments.js';
import { empty } from '../../tensor/create.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { withDtype } from './cast.js';

/** Writes y from x: a kernel, with its scalars bound. */
export type ForwardKernel = (y: Address, x: Address, begin: number, end: number) => void;

/** Writes dx from dy and what was kept: x or y. */
export type BackwardKernel = (dx: Address, dy: Address, kept: Address, begin: number, end: number) => void;

/** f(x) by a kernel, not recorded; integers are converted to float32 first. @internal */
export function applied(x: Tensor, kernel: ForwardKernel): Tensor {
  const y = empty(x.shape);
  withDtype(x, 'float32', (float) => kernel(addressOf(y), addressOf(float), 0, x.size));
  return y;
}

/**
 * y = f(x), element by element; integers are converted to float32 first, which rounds those above 2²⁴, as in PyTorch.
 *
 * @param keeps what `backward` reads besides dy
 * @param attributes the numbers in f
 * @internal
 */
export function unary(
  name: string,
  x: Tensor,
  forward: ForwardKernel,
  keeps: 'input' | 'output',
  backward: BackwardKernel,
  attributes: Attributes = {},
): Tensor {
  checkTensor(name, x);
  const y = applied(x, forward);
  return recordOp(name, y, [x], attributes, (dy) => {
    const dx = overwritable(dy, y);
    backward(addressOf(dx), addressOf(dy), addressOf(keeps === 'input' ? x : y), 0, x.size);
    return [dx];
  });
}
