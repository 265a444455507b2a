import { kernels } from '../runtime/runtime.js';
import { empty } from '../tensor/create.js';
import { addressOf, markOverwritten, type Tensor } from '../tensor/tensor.js';

/**
 * The sum of two gradients. `total` is overwritten where nothing else is over its elements, and replaced otherwise
 * (two inputs of one `add` begin with the same gradient).
 */
export function accumulate(total: Tensor, addend: Tensor): Tensor {
  const sum = total.ownsAlone ? total : empty(total.shape);
  kernels.f32_add(addressOf(sum), addressOf(total), addressOf(addend), 0, total.size);
  if (sum === total) markOverwritten(total, 'backward()');
  else total.dispose();
  return sum;
}
