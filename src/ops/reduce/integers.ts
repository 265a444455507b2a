/** Reductions of integers. They are exact, and not recorded: integers carry no gradient. */

import { note } from '../../autograd/trace.js';
import type { Address } from '../../runtime/address.js';
import { DTypeError } from '../../runtime/errors.js';
import { viewF64 } from '../../runtime/memory.js';
import { withMemory } from '../../runtime/scratch.js';
import { empty } from '../../tensor/create.js';
import { scope } from '../../tensor/scope.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type Axes, type Folded, foldAxes, type ReduceOptions } from './fold.js';

/**
 * The reduction of an int32 or uint8 tensor by a kernel that leaves doubles: as int32, or rounded once to float32.
 *
 * @throws {DTypeError} when a result does not fit int32
 * @internal
 */
export function reduceIntegers(
  name: string,
  given: Tensor,
  axes: Axes,
  options: ReduceOptions,
  dtype: 'int32' | 'float32',
  fold: (totals: Address, folded: Folded) => void,
): Tensor {
  return scope(() => {
    const folded = foldAxes(given, axes, options, name, 'any', 'int32');
    const y = empty(folded.shape, dtype);
    withMemory(8 * folded.outputs, (address) => {
      fold(address, folded);
      const totals = viewF64(address, folded.outputs);
      const outside = dtype === 'int32' ? totals.find((total) => total !== (total | 0)) : undefined;
      if (outside !== undefined) {
        throw new DTypeError(`the result ${outside} does not fit int32, which holds -2147483648 to 2147483647`, {
          where: name,
          hint: `convert the integers first: x.float().${name}()`,
        });
      }
      y.view().set(totals);
    });
    return note(name, y, [folded.x], folded);
  });
}
