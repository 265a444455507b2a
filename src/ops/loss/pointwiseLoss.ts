import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { mul } from '../elementwise/arithmetic.js';
import { checkPair, type LossOptions, type Reduction } from './reduction.js';

interface Kernels {
  readonly forward: typeof kernels.f32_smooth_error_forward;
  readonly backward: typeof kernels.f32_smooth_error_backward;
}

/**
 * A loss that compares element by element, the same from either side: its slope by the target is that by x, turned
 * round.
 */
function pointwise(
  name: string,
  x: Tensor,
  target: Tensor,
  beta: number,
  reduction: Reduction,
  { forward, backward }: Kernels,
): Tensor {
  checkPair(name, x, target);
  const { size } = x;
  const divisor = reduction === 'mean' ? size : 1;
  const losses = empty(x.shape);
  forward(addressOf(losses), addressOf(x), addressOf(target), beta, 0, size);
  let y = losses;
  if (reduction !== 'none') {
    y = empty([]);
    kernels.f32_sum(addressOf(y), addressOf(losses), size, 1, divisor, 0, 1);
    losses.dispose();
  }
  return recordOp(name, y, [x, target], { beta, reduction }, (dy) => {
    const slope = (a: Tensor, b: Tensor): Tensor | null => {
      if (!a.requiresGrad) return null;
      const gradient = empty(a.shape);
      backward(
        addressOf(gradient),
        addressOf(dy),
        addressOf(a),
        addressOf(b),
        beta,
        reduction === 'none' ? 1 : 0,
        divisor,
        0,
        size,
      );
      return gradient;
    };
    return [slope(x, target), slope(target, x)];
  });
}

/**
 * The mean squared error: (x − target)², reduced.
 *
 * Shapes:   x, target of one shape → scalar, or that shape with reduction 'none'
 * Backward: dx = 2·(x − target)·dy / n; dTarget = −dx
 * @throws {ShapeError} when the shapes differ
 * @see torch.nn.functional.mse_loss
 */
export function mseLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkArguments("mseLoss(x, target, { reduction: 'mean'|'sum'|'none' })", x, target, options);
  const { reduction = 'mean' } = options;
  return pointwise('mseLoss', x, target, 1, reduction, {
    forward: kernels.f32_squared_error_forward,
    backward: kernels.f32_squared_error_backward,
  });
}

/**
 * The mean absolute error: |x − target|, reduced. Shapes as {@link mseLoss}.
 *
 * Backward: dx = sign(x − target)·dy / n, 0 where they are equal; dTarget = −dx
 * @throws {ShapeError} when the shapes differ
 * @see torch.nn.functional.l1_loss
 */
export function l1Loss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkArguments("l1Loss(x, target, { reduction: 'mean'|'sum'|'none' })", x, target, options);
  const { reduction = 'mean' } = options;
  return pointwise('l1Loss', x, target, 1, reduction, {
    forward: kernels.f32_absolute_error_forward,
    backward: kernels.f32_absolute_error_backward,
  });
}

/** Where the loss bends, and how it is reduced. */
export interface SmoothL1Options extends LossOptions {
  /** The difference from which the loss is linear; default 1. 0 makes it the absolute error. */
  readonly beta?: number;
}

/**
 * Squared near 0, absolute further out: ½·d²/β where |d| < β, else |d| − ½·β, with d = x − target; reduced. Shapes as
 * {@link mseLoss}.
 *
 * Backward: dx = d/β·dy / n where |d| < β, else sign(d)·dy / n; dTarget = −dx
 * @throws {ShapeError} when the shapes differ
 * @throws {ArgumentError} when β < 0
 * @see torch.nn.functional.smooth_l1_loss
 */
export function smoothL1Loss(x: Tensor, target: Tensor, options: SmoothL1Options = {}): Tensor {
  checkArguments("smoothL1Loss(x, target, { beta: 1.0, reduction: 'mean'|'sum'|'none' })", x, target, options);
  const { beta = 1, reduction = 'mean' } = options;
  if (!(beta >= 0)) throw new ArgumentError(`beta must be ≥ 0, not ${beta}`, { where: 'smoothL1Loss' });
  if (beta === 0) return l1Loss(x, target, { reduction });
  return pointwise('smoothL1Loss', x, target, beta, reduction, {
    forward: kernels.f32_smooth_error_forward,
    backward: kernels.f32_smooth_error_backward,
  });
}

/** Where the loss becomes linear, and how it is reduced. */
export interface HuberOptions extends LossOptions {
  /** The difference from which the loss is linear, > 0; default 1. */
  readonly delta?: number;
}

/**
 * Squared near 0, linear further out: ½·d² where |d| ≤ δ, else δ·(|d| − ½·δ), with d = x − target; reduced. It is δ
 * times {@link smoothL1Loss} with β = δ. Shapes as {@link mseLoss}.
 *
 * Backward: dx = d·dy / n where |d| ≤ δ, else δ·sign(d)·dy / n; dTarget = −dx
 * @throws {ShapeError} when the shapes differ
 * @throws {ArgumentError} when δ is not > 0
 * @see torch.nn.functional.huber_loss
 */
export function huberLoss(x: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  checkArguments("huberLoss(x, target, { delta: 1.0, reduction: 'mean'|'sum'|'none' })", x, target, options);
  const { delta = 1, reduction = 'mean' } = options;
  if (!(delta > 0)) throw new ArgumentError(`delta must be > 0, not ${delta}`, { where: 'huberLoss' });
  checkPair('huberLoss', x, target);
  return mul(smoothL1Loss(x, target, { beta: delta, reduction }), delta);
}
