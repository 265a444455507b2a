import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { DTypeError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty, zeros } from '../../tensor/create.js';
import { sizeOf } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { checkPicks } from './indices.js';
import { slice } from './slice.js';

/**
 * Elements picked along an axis, each by an index of its own.
 *
 * y[i, k, j] = x[i, index[i, k, j], j] for axis 1 of three
 *
 * Shapes:   index (int32) has as many axes as x, elsewhere than `axis` none longer than those of x → y as index
 * Backward: dx = 0, then dx[i, index[i, k, j], j] += dy[i, k, j], in one fixed order
 * @throws {ShapeError} when an axis of index is longer than that of x
 * @throws {RangeIndexError} naming the first index that is out of range, and its place
 * @throws {DTypeError} when x is uint8, or index not int32
 * @see torch.gather
 */
export function gather(x: Tensor, axis: number, index: Tensor): Tensor {
  checkArguments('gather(x, axis=-1, index)', x, axis, index);
  if (x.dtype === 'uint8')
    throw new DTypeError('x is uint8, not float32 or int32', {
      where: 'gather',
      hint: 'convert it with x.int()',
    });
  const at = checkPicks(x, axis, index, 'gather');
  const length = x.shape[at] ?? 1;

  // Where index is shorter than x elsewhere, only the beginning of x takes part.
  const source = x.shape.reduce(
    (part, size, i) => (i === at || index.shape[i] === size ? part : slice(part, 0, index.shape[i], { axis: i })),
    x,
  );
  const count = index.shape[at] ?? 1;
  const inner = sizeOf(index.shape.slice(at + 1));
  const fibres = sizeOf(index.shape.slice(0, at)) * inner;
  const y = empty(index.shape, x.dtype);
  kernels.x32_gather(addressOf(y), addressOf(source), addressOf(index), length, count, inner, 0, fibres);
  return recordOp('gather', y, [source], { axis: at, index }, (dy) => {
    const dx = zeros(source.shape);
    kernels.f32_gather_backward(addressOf(dx), addressOf(dy), addressOf(index), length, count, inner, 0, fibres);
    return [dx];
  });
}
