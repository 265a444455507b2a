/** Losses that push scores or distances apart until a margin lies between them. */
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { add, div, mul, sub } from '../elementwise/arithmetic.js';
import { clamp } from '../elementwise/clamp.js';
import { eq, ne } from '../elementwise/compare.js';
import { minimum } from '../elementwise/extremes.js';
import { requireFloat } from '../elementwise/float.js';
import { relu } from '../elementwise/relu.js';
import { sqrt } from '../elementwise/sqrt.js';
import { square } from '../elementwise/square.js';
import { where } from '../elementwise/where.js';
import { oneHot } from '../movement/embedding.js';
import { gather } from '../movement/gather.js';
import { reshape } from '../movement/reshape.js';
import { norm } from '../reduce/norm.js';
import { sum } from '../reduce/sum.js';
import { checkClasses } from './crossEntropy.js';
import { checkPair, checkTargetShape, type LossOptions, reduceLosses } from './reduction.js';

/** How far apart is enough, and how the losses are reduced. */
export interface MarginOptions extends LossOptions {
  /** What must lie between. Each loss has a default of its own. */
  readonly margin?: number;
}

/** max(x, 0), with a slope of 1 at 0, as PyTorch's losses have it. */
const above = (x: Tensor): Tensor => clamp(x, { min: 0 });

/**
 * Whether pairs of vectors are alike (target 1) or not (target −1), by the cosine of their angle. A pair with any
 * other target has a loss of 0.
 *
 * loss = 1 − cos where t = 1, max(0, cos − margin) where t = −1;  cos = a·b / √((|a|² + 1e-12)·(|b|² + 1e-12))
 *
 * Shapes:   a, b [N,D] · target [N] (or [D] and a scalar) → scalar, or [N] with reduction 'none'
 * Backward: that of the operations it is made of
 * @param options `margin` is a cosine; default 0
 * @throws {ShapeError} when the shapes do not go together
 * @see torch.nn.functional.cosine_embedding_loss
 */
export function cosineEmbeddingLoss(a: Tensor, b: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  const name = 'cosineEmbeddingLoss';
  checkArguments(`${name}(a, b, target, { margin: 0.5, reduction: 'mean'|'sum'|'none' })`, a, b, target, options);
  const { margin = 0, reduction } = options;
  checkPair(name, a, b, 'vectors');
  checkTargetShape(name, 'vectors', a.shape, target.shape, a.shape.slice(0, -1));
  const length2 = (x: Tensor): Tensor => add(sum(square(x), -1), 1e-12);
  const cosine = div(sum(mul(a, b), -1), sqrt(mul(length2(a), length2(b))));
  const apart = where(eq(target, -1), above(sub(cosine, margin)), 0);
  return reduceLosses(where(eq(target, 1), sub(1, cosine), apart), reduction);
}

/**
 * Which of two scores should be the higher one: the first (target 1) or the second (target −1).
 *
 * loss = max(0, −t·(a − b) + margin)
 *
 * Shapes:   a, b, target of one shape → scalar, or that shape with reduction 'none'
 * Backward: da = −t·dy where the loss is ≥ 0, else 0; db = −da
 * @param options `margin`: default 0
 * @throws {ShapeError} when the shapes differ
 * @see torch.nn.functional.margin_ranking_loss
 */
export function marginRankingLoss(a: Tensor, b: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  const name = 'marginRankingLoss';
  checkArguments(`${name}(a, b, target, { margin: 0.5, reduction: 'mean'|'sum'|'none' })`, a, b, target, options);
  const { margin = 0, reduction } = options;
  checkPair(name, a, b, 'scores');
  checkTargetShape(name, 'scores', a.shape, target.shape);
  return reduceLosses(above(sub(margin, mul(target, sub(a, b)))), reduction);
}

/**
 * Distances that should be small (target 1) or at least `margin` (target −1).
 *
 * loss = x where t = 1, max(0, margin − x) where t = −1, their sum where t is neither
 *
 * Shapes:   x, target of one shape → scalar, or that shape with reduction 'none'
 * Backward: dx = dy where t = 1; −dy where t = −1 and x ≤ margin, else 0
 * @param options `margin`: default 1
 * @throws {ShapeError} when the shapes differ
 * @see torch.nn.functional.hinge_embedding_loss
 */
export function hingeEmbeddingLoss(x: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  const name = 'hingeEmbeddingLoss';
  checkArguments(`${name}(x, target, { margin: 0.5, reduction: 'mean'|'sum'|'none' })`, x, target, options);
  const { margin = 1, reduction } = options;
  requireFloat(name, { x });
  checkTargetShape(name, 'distances', x.shape, target.shape);
  const near = where(ne(target, -1), x, 0);
  return reduceLosses(add(where(ne(target, 1), above(sub(margin, x)), 0), near), reduction);
}

/** How distances are measured, how far apart is enough, and how the losses are reduced. */
export interface TripletMarginOptions extends MarginOptions {
  /** The norm of the distances. Default: 2. */
  readonly p?: number;
  /** Added to each difference, so that no distance is 0. Default: 1e-6. */
  readonly eps?: number;
  /** Take the negative's distance from the positive where that is less than from the anchor. Default: false. */
  readonly swap?: boolean;
}

const TRIPLET_CALL =
  'tripletMarginLoss(anchor, positive, negative, ' +
  "{ margin: 1.0, p: 2.0, eps: 1e-6, swap: false, reduction: 'mean'|'sum'|'none' })";

/**
 * Vectors of one kind (anchor and positive) should be closer together than vectors of two kinds (anchor and negative).
 *
 * loss = max(0, d(a, p) − d(a, n) + margin);  d(u, v) = ‖u − v + eps‖ₚ over the last axis
 *
 * Shapes:   anchor, positive, negative of one shape […,D] → scalar, or […] with reduction 'none'
 * Backward: that of the operations it is made of
 * @param options `margin`: default 1
 * @throws {ShapeError} when the shapes differ
 * @throws {ArgumentError} when p is not > 0
 * @see torch.nn.functional.triplet_margin_loss
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginOptions = {},
): Tensor {
  checkArguments(TRIPLET_CALL, anchor, positive, negative, options);
  const name = 'tripletMarginLoss';
  const { margin = 1, p = 2, eps = 1e-6, swap = false, reduction } = options;
  if (!(p > 0)) throw new ArgumentError(`p must be > 0, not ${p}`, { where: name });
  checkPair(name, anchor, positive, 'vectors');
  checkPair(name, anchor, negative, 'vectors');
  const distance = (u: Tensor, v: Tensor): Tensor => norm(add(sub(u, v), eps), [-1], { p });
  const wrong = distance(anchor, negative);
  const far = swap ? minimum(wrong, distance(positive, negative)) : wrong;
  return reduceLosses(above(add(sub(distance(anchor, positive), far), margin)), reduction);
}

/** The power of the differences, how far apart is enough, what counts how much, and the reduction. */
export interface MultiMarginOptions extends MarginOptions {
  /** 1, or 2 for squares. Default: 1. */
  readonly p?: number;
  /** One factor for each class, [C]. Default: all 1. */
  readonly weight?: Tensor;
}

/**
 * The score of the right class should be at least `margin` above those of all others (Crammer and Singer).
 *
 * loss[n] = Σ max(0, w[t]·(margin − x[n,t] + x[n,c]))ᵖ / C over the classes c ≠ t = target[n]; with p = 2, w is outside
 * the square
 *
 * Shapes:   x [N,C] · target int32 [N] (or [C] and a scalar) → scalar, or [N] with reduction 'none'
 * Backward: that of the operations it is made of
 * @param options `margin`: default 1
 * @throws {ShapeError} when the shapes do not go together
 * @throws {RangeIndexError} naming the row and value of a class id that is none
 * @throws {ArgumentError} when p is neither 1 nor 2
 * @see torch.nn.functional.multi_margin_loss
 */
export function multiMarginLoss(x: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor {
  const name = 'multiMarginLoss';
  const call = `${name}(x, target, { margin: 1.0, p: 1, reduction: 'mean'|'sum'|'none', weight })`;
  checkArguments(call, x, target, options);
  const { margin = 1, p = 1, weight, reduction } = options;
  checkClasses(x, weight, name);
  if (p > 2) throw new ArgumentError(`p must be 1 or 2, not ${p}`, { where: name });
  checkTargetShape(name, 'scores', x.shape, target.shape, x.shape.slice(0, -1));
  const classes = x.shape.at(-1)!;
  const others = sub(1, oneHot(target, classes));
  const index = reshape(target, [...target.shape, 1]);
  const short = mul(relu(add(sub(x, gather(x, -1, index)), margin)), others);
  const losses = div(sum(p === 2 ? square(short) : short, -1), classes);
  const factors =
    weight === undefined ? losses : mul(losses, reshape(gather(weight, 0, reshape(target, [-1])), target.shape));
  return reduceLosses(factors, reduction);
}
