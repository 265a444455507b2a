import { checkArguments } from '../../runtime/arguments.js';
import { DTypeError, ShapeError } from '../../runtime/errors.js';
import { tensor } from '../../tensor/create.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { add, mul } from '../elementwise/arithmetic.js';
import { requireFloat } from '../elementwise/float.js';
import { where } from '../elementwise/where.js';
import { dropout } from '../norm/dropout.js';
import { softmax } from '../reduce/softmax.js';
import { matmul, matmulTransposed } from './matmul.js';

/** Which keys a query attends to, and how the scores are scaled. */
export interface AttentionOptions {
  /**
   * Broadcasts to […,L,S]. uint8: 1 where a query may attend to a key, 0 where not; float32: added to the scores.
   */
  readonly attnMask?: Tensor | null;
  /** Query i attends to the keys 0 … i only. Default: false. */
  readonly isCausal?: boolean;
  /** Factor of the scores. Default: 1/√E. */
  readonly scale?: number;
  /** Probability that a weight is dropped; in evaluation, pass 0. Default: 0. */
  readonly dropoutP?: number;
}

const NAME = 'scaledDotProductAttention';
const CALL = `${NAME}(q, k, v, { attnMask: mask|null, isCausal: true, scale: 0.125, dropoutP: 0.1 })`;

/**
 * Scaled dot-product attention: for each query, the mean of the values, weighted by how well their keys match.
 *
 * y = softmax(scale·q·kᵀ + mask)·v, the softmax over the keys
 *
 * Shapes:   q […,L,E] · k […,S,E] · v […,S,Ev] → […,L,Ev]; the leading axes (batch, heads) broadcast
 * Backward: saves q, k, v and the weights […,L,S]
 * Cost:     2·L·S·(E + Ev) FLOP for each matrix of the batch
 *
 * A query that may attend to no key at all gives NaN, as in PyTorch.
 *
 * @throws {ShapeError} when the sizes disagree or the mask does not broadcast
 * @throws {DTypeError} when q, k or v is not float32, or the mask is int32
 * @see same as torch.nn.functional.scaled_dot_product_attention; Vaswani et al., arXiv 1706.03762, eq. 1
 * @example
 * const q = tensor([[1, 0], [0, 1]]);
 * const y = scaledDotProductAttention(q, q, tensor([[1], [2]]), { isCausal: true });
 * y.select(0, 0).toArray();   // [1]
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  checkArguments(CALL, q, k, v, options);
  requireFloat(NAME, { q, k, v });
  const { attnMask, isCausal, scale, dropoutP } = options;
  const shapes = [q, k, v].map(({ shape }) => formatShape(shape)).join(', ');
  if (Math.min(q.rank, k.rank, v.rank) < 2 || q.shape.at(-1) !== k.shape.at(-1) || k.shape.at(-2) !== v.shape.at(-2)) {
    throw new ShapeError(`q, k and v must be […, L, E], […, S, E] and […, S, Ev], not ${shapes}`, { where: NAME });
  }
  const mask = attnMask ? additive(NAME, attnMask, 0, -Infinity) : null;
  const future = isCausal ? causalMask(q.shape.at(-2)!, k.shape.at(-2)!) : null;
  return attend(q, k, v, joinMasks(mask, future), scale, dropoutP)[0];
}

/**
 * Attention with a mask that is added to the scores: the output and the weights.
 *
 * @internal
 */
export function attend(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor | null,
  scale = 1 / Math.sqrt(q.shape.at(-1)!),
  dropoutP = 0,
): [output: Tensor, weights: Tensor] {
  const scores = matmulTransposed(mul(q, scale), k);
  const weights = softmax(mask === null ? scores : add(scores, mask));
  const kept = dropoutP === 0 ? weights : dropout(weights, dropoutP);
  return [matmul(kept, v), kept];
}

/** A mask to add: `set` where a uint8 mask is set, else `unset`; a float32 mask as it is. @internal */
export function additive(where_: string, mask: Tensor, set: number, unset: number): Tensor {
  if (mask.dtype === 'int32')
    throw new DTypeError('the mask must be uint8 or float32, not int32', {
      where: where_,
      hint: 'compare: mask.ne(0)',
    });
  return mask.dtype === 'uint8' ? where(mask, set, unset) : mask;
}

/** [L,S]: −∞ above the diagonal, else 0. @internal */
export function causalMask(length: number, keys: number): Tensor {
  const data = new Float32Array(length * keys);
  for (let i = 0; i < length; i++) data.fill(-Infinity, i * keys + Math.min(i + 1, keys), (i + 1) * keys);
  return tensor(data, { shape: [length, keys] });
}

/** The sum of the masks that are there. @internal */
export function joinMasks(a: Tensor | null, b: Tensor | null): Tensor | null {
  return a === null || b === null ? (a ?? b) : add(a, b);
}
