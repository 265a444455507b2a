import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { formatShape, resolveAxes } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { slice } from '../movement/slice.js';
import { mul } from './arithmetic.js';
import { sigmoid } from './sigmoid.js';

/**
 * The gated linear unit: one half of an axis, each element let through by as much as the other half says.
 *
 * y = a·σ(b), a and b the halves of x
 *
 * Shapes:   x [..,2·N,..] → [..,N,..]
 * Backward: that of the operations it is made of
 * @throws {ShapeError} when the axis has an odd length
 * @see torch.nn.functional.glu; Dauphin et al., arXiv:1612.08083
 */
export function glu(x: Tensor, axis = -1): Tensor {
  checkArguments('glu(x, axis?=-1)', x, axis);
  const [along] = resolveAxes(axis, x.rank, 'glu');
  const length = x.shape[along!]!;
  if (length % 2 !== 0)
    throw new ShapeError(`axis ${axis} of shape ${formatShape(x.shape)} has no two halves`, { where: 'glu' });
  return mul(slice(x, 0, length / 2, { axis }), sigmoid(slice(x, length / 2, length, { axis })));
}
