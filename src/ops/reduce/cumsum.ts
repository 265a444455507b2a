import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { DTypeError } from '../../runtime/errors.js';
import { empty } from '../../tensor/create.js';
import { resolveAxis, sizeOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';

/** Running sums along an axis, from the last position on where `reverse`. Returns the first total beyond int32. */
function accumulate(y: Tensor, x: Tensor, axis: number, reverse: boolean): number | undefined {
  const length = x.shape[axis] ?? 1;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const [to, from] = [y.view(), x.view()];
  let beyond: number | undefined;
  for (let block = 0; block < from.length; block += length * inner) {
    for (let i = block; i < block + inner; i++) {
      let total = 0;
      for (let k = 0; k < length; k++) {
        const at = i + (reverse ? length - 1 - k : k) * inner;
        total += from[at]!;
        to[at] = total;
        if (total !== (total | 0)) beyond ??= total;
      }
    }
  }
  return beyond;
}

/**
 * Sums of the elements up to and with each position of an axis, in double precision and in one fixed order. Those of
 * integers are exact.
 *
 * y[k] = Σ x[i] over i ≤ k
 *
 * Shapes:   any → the same; float32 gives float32, int32 and uint8 give int32
 * Backward: dx[i] = Σ dy[k] over k ≥ i
 * @throws {DTypeError} when a sum of integers does not fit int32
 * @see torch.cumsum
 * @example
 * cumsum(tensor([[1, 2, 3], [4, 5, 6]]), 1).toArray();   // [[1, 3, 6], [4, 9, 15]]
 */
export function cumsum(x: Tensor, axis: number): Tensor {
  checkArguments('cumsum(x, axis=-1)', x, axis);
  const at = resolveAxis(axis, x.rank, 'cumsum');
  const y = empty(x.shape, x.dtype === 'float32' ? 'float32' : 'int32');
  const beyond = accumulate(y, x, at, false);
  if (beyond !== undefined && x.dtype !== 'float32') {
    y.dispose();
    throw new DTypeError(`the sum ${beyond} does not fit int32`, {
      where: 'cumsum',
      hint: 'convert the integers first: x.float().cumsum(axis)',
    });
  }
  return recordOp('cumsum', y, [x], { axis: at }, (dy) => {
    const dx = empty(x.shape);
    accumulate(dx, dy, at, true);
    return [dx];
  });
}
