import { kernels } from '../runtime/runtime.js';
import { addressOf, markOverwritten, type Tensor } from '../tensor/tensor.js';

/**
 * average += share·(value − average), in place: a step of SGD with lr = share and the "gradient" average − value.
 *
 * @internal
 */
export function moveTowards(average: Tensor, value: Tensor, share: number): void {
  const [at, goal] = [addressOf(average), addressOf(value)];
  markOverwritten(average, 'updateParameters()');
  kernels.f32_sgd(at, 0, goal, share, -1, 1, 0, 0, 0, 0, average.size);
}
