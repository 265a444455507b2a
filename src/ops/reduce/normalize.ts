import { checkArguments } from '../../runtime/arguments.js';
import { broadcastShapes, resolveAxes } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { div, mul } from '../elementwise/arithmetic.js';
import { broadcastTo } from '../elementwise/broadcast.js';
import { clamp } from '../elementwise/clamp.js';
import { norm } from './norm.js';
import { sum } from './sum.js';

/** Along which axis the vectors are. */
export interface CosineSimilarityOptions {
  /** Default: 1. */
  readonly axis?: number;
  /** The least that a vector is divided by. Default: 1e-8; of `normalize` 1e-12. */
  readonly eps?: number;
}

/** Which norm becomes 1, and along which axis. */
export interface NormalizeOptions extends CosineSimilarityOptions {
  /** The power: any number > 0, or Infinity. Default: 2. */
  readonly p?: number;
}

/**
 * Vectors of length 1.
 *
 * y = x / max(‖x‖ₚ, eps)
 *
 * Shapes:   any → the same; integers become float32
 * Backward: that of the operations it is made of
 * @throws {ArgumentError} when p is not > 0
 * @see torch.nn.functional.normalize
 * @example
 * normalize(tensor([[3, 4]])).toArray();   // [[0.6, 0.8]] in float32
 */
export function normalize(x: Tensor, options: NormalizeOptions = {}): Tensor {
  checkArguments('normalize(x, { p: 2.0, axis: -1, eps: 1e-12 })', x, options);
  const { p = 2, axis = 1, eps = 1e-12 } = options;
  return div(x, clamp(norm(x, resolveAxes(axis, x.rank, 'normalize'), { p, keepDim: true }), { min: eps }));
}

/**
 * The cosine of the angle between vectors: 1 in one direction, 0 at right angles, −1 in opposite directions.
 *
 * y = Σ a·b / (max(‖a‖, eps)·max(‖b‖, eps))
 *
 * Shapes:   a, b broadcast → their common shape without the axis
 * Backward: that of the operations it is made of
 * @throws {ShapeError} when the shapes do not broadcast
 * @see torch.nn.functional.cosine_similarity
 * @example
 * cosineSimilarity(tensor([[1, 0]]), tensor([[0, 2]])).toArray();   // [0]
 */
export function cosineSimilarity(a: Tensor, b: Tensor, options: CosineSimilarityOptions = {}): Tensor {
  checkArguments('cosineSimilarity(a, b, { axis: -1, eps: 1e-8 })', a, b, options);
  const { axis = 1, eps = 1e-8 } = options;
  const shape = broadcastShapes(a.shape, b.shape, 'cosineSimilarity');
  resolveAxes(axis, shape.length, 'cosineSimilarity');
  const [left, right] = [a, b].map((x) => normalize(broadcastTo(x, shape), { axis, eps })) as [Tensor, Tensor];
  return sum(mul(left, right), axis);
}
