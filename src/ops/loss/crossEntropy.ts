import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { kernels } from '../../runtime/runtime.js';
import { empty, full, zeros } from '../../tensor/create.js';
import { formatShape, sameShape, sizeOf } from '../../tensor/shape.js';
import { addressOf, addressOrNull, type Tensor } from '../../tensor/tensor.js';
import { add, div, mul } from '../elementwise/arithmetic.js';
import { requireFloat } from '../elementwise/float.js';
import { neg } from '../elementwise/neg.js';
import { checkIndices } from '../movement/indices.js';
import { permute } from '../movement/permute.js';
import { reshape } from '../movement/reshape.js';
import { logSoftmax } from '../reduce/softmax.js';
import { sum } from '../reduce/sum.js';
import type { Reduction } from './reduction.js';

/** What counts how much, and how the losses are reduced. */
export interface NllOptions {
  /** One weight for each class, [C]; default: all 1. The mean is then weighted too. */
  readonly weight?: Tensor;
  /** Rows with this class id do not count. Default −100. */
  readonly ignoreIndex?: number;
  /** Default 'mean': over the rows that count. */
  readonly reduction?: Reduction;
}

/** What counts how much, how targets are smoothed, and how the losses are reduced. */
export interface CrossEntropyOptions extends NllOptions {
  /** From 0 to 1: how much of each target is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
}

/** Axis 1 (0 of a single row) holds the classes. */
const classAxis = (x: Tensor): number => (x.rank === 1 ? 0 : 1);

/** The scores with the classes as last axis: [rows, classes]. */
function classRows(x: Tensor): Tensor {
  const axis = classAxis(x);
  if (x.rank === 2) return x;
  const classes = x.shape[axis]!;
  const last = axis === x.rank - 1 ? x : permute(x, [0, ...x.shape.map((_, i) => i).slice(2), 1]);
  return reshape(last, [sizeOf(last.shape.slice(0, -1)), classes]);
}

/** @throws {DTypeError | ShapeError} unless x has classes, and the weights one for each @internal */
export function checkClasses(x: Tensor, weight: Tensor | undefined, where: string): void {
  requireFloat(where, { x, weight });
  if (x.rank === 0)
    throw new ShapeError('a scalar has no classes: shapes are [classes], [rows, classes] or [rows, classes, …]', {
      where,
    });
  const classes = x.shape[classAxis(x)]!;
  if (weight !== undefined && !sameShape(weight.shape, [classes])) {
    throw new ShapeError(`weight has shape ${formatShape(weight.shape)}, but there are ${classes} classes`, {
      where,
      hint: `give one weight for each class: shape [${classes}]`,
    });
  }
}

function checkTargets(x: Tensor, target: Tensor, ignoreIndex: number, where: string): void {
  const axis = classAxis(x);
  const expected = x.shape.filter((_, i) => i !== axis);
  if (!sameShape(target.shape, expected)) {
    throw new ShapeError(
      `targets of shape ${formatShape(target.shape)} for scores of shape ${formatShape(x.shape)}: ` +
        `expected ${formatShape(expected)}`,
      {
        where,
        hint: `axis ${axis} of the scores holds the classes; targets are class ids (int32) without that axis`,
      },
    );
  }
  checkIndices(target, x.shape[axis]!, where, 'class id', ignoreIndex);
}

/**
 * The loss from those of the rows, with the divisor of the gradients: Σ weights for the mean, 1 for the sum; null where
 * each row has a gradient.
 */
function reduced(
  losses: Tensor,
  weights: Tensor,
  target: Tensor,
  reduction: Reduction,
): { y: Tensor; divisor: Tensor | null } {
  if (reduction === 'none') return { y: losses.alias(target.shape), divisor: null };
  const divisor = full([], 1);
  const y = empty([]);
  if (reduction === 'mean')
    kernels.f32_weighted_mean(addressOf(y), addressOf(divisor), addressOf(losses), addressOf(weights), losses.size);
  else kernels.f32_sum(addressOf(y), addressOf(losses), losses.size, 1, 1, 0, 1);
  return { y, divisor };
}

const NLL_LOSS_CALL = "nllLoss(x, target, { reduction: 'mean'|'sum'|'none', weight, ignoreIndex: -100 })";

/**
 * The negative log-likelihood of class ids, given log-probabilities (from `logSoftmax`).
 *
 * loss[n] = −w[t[n]]·x[n, t[n]]    mean = Σ loss / Σ w[t[n]]
 *
 * Shapes:   x [N,C] or [N,C,d…] or [C] · target int32 [N], [N,d…] or [] → scalar, or the shape of target with 'none'
 * Backward: dx[n, t[n]] = −w[t[n]]·dy / divisor, else 0
 * @throws {ShapeError} when the shapes do not go together
 * @throws {RangeIndexError} naming the row and value of a class id that is none
 * @see torch.nn.functional.nll_loss
 */
export function nllLoss(x: Tensor, target: Tensor, options: NllOptions = {}): Tensor {
  checkArguments(NLL_LOSS_CALL, x, target, options);
  const { weight, ignoreIndex = -100, reduction = 'mean' } = options;
  checkClasses(x, weight, 'nllLoss');
  checkTargets(x, target, ignoreIndex, 'nllLoss');
  const scores = classRows(x);
  const [rows, classes] = scores.shape as [number, number];
  const losses = empty([rows]);
  const weights = empty([rows]);
  kernels.f32_nll_forward(
    addressOf(losses),
    addressOf(weights),
    addressOf(scores),
    addressOf(target),
    addressOrNull(weight),
    classes,
    ignoreIndex,
    0,
    rows,
  );
  const { y, divisor } = reduced(losses, weights, target, reduction);
  losses.dispose();
  weights.dispose();
  return recordOp(
    'nllLoss',
    y,
    [scores],
    { target, weight, ignoreIndex, reduction },
    (dy) => {
      const dx = zeros(scores.shape);
      kernels.f32_nll_backward(
        addressOf(dx),
        addressOf(dy),
        addressOrNull(divisor),
        addressOf(target),
        addressOrNull(weight),
        classes,
        ignoreIndex,
        0,
        rows,
      );
      return [dx];
    },
    divisor === null ? [] : [divisor],
  );
}

const CROSS_ENTROPY_CALL =
  "crossEntropy(x, target, { labelSmoothing: 0.1, reduction: 'mean'|'sum'|'none', weight, " + 'ignoreIndex: -100 })';

/**
 * The cross-entropy, in nats, of class ids (or class probabilities) given logits: softmax, logarithm and mean in one
 * stable pass.
 *
 * loss[n] = −(1 − s)·w[t]·log p[n, t] − (s / C)·Σ w[c]·log p[n, c]    p = softmax(x), t = target[n], s = labelSmoothing
 * mean = Σ loss / Σ w[t[n]]; rows that are ignored count in neither sum
 *
 * Shapes:   x [N,C] or [N,C,d…] or [C] · target int32 [N], [N,d…] or [] → scalar, or the shape of target with 'none'
 *           target float32 of the shape of x: probabilities; then the mean is over rows
 * Backward: saves e^(x − max) of each row and their sum; dx = dy·(p − target), smoothed and weighted likewise
 * @throws {ShapeError} when the shapes do not go together
 * @throws {RangeIndexError} naming the row and value of a class id that is none
 * @see torch.nn.functional.cross_entropy
 * @example
 * crossEntropy(model.forward(images), labels, { labelSmoothing: 0.1 }).backward();
 */
export function crossEntropy(x: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  checkArguments(CROSS_ENTROPY_CALL, x, target, options);
  const { weight, labelSmoothing = 0, ignoreIndex = -100, reduction = 'mean' } = options;
  checkClasses(x, weight, 'crossEntropy');
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new ArgumentError(`labelSmoothing must be from 0 to 1, not ${labelSmoothing}`, { where: 'crossEntropy' });
  if (target.dtype === 'float32') return softTargets(x, target, labelSmoothing, weight, reduction);
  checkTargets(x, target, ignoreIndex, 'crossEntropy');
  const logits = classRows(x);
  const [rows, classes] = logits.shape as [number, number];
  const losses = empty([rows]);
  const weights = empty([rows]);
  const terms = empty(logits.shape);
  const sums = empty([rows]);
  kernels.f32_cross_entropy_forward(
    addressOf(losses),
    addressOf(weights),
    addressOf(terms),
    addressOf(sums),
    addressOf(logits),
    addressOf(target),
    addressOrNull(weight),
    classes,
    labelSmoothing,
    ignoreIndex,
    0,
    rows,
  );
  const { y, divisor } = reduced(losses, weights, target, reduction);
  losses.dispose();
  weights.dispose();
  return recordOp(
    'crossEntropy',
    y,
    [logits],
    { target, weight, ignoreIndex, labelSmoothing, reduction },
    (dy) => {
      const dx = empty(logits.shape);
      kernels.f32_cross_entropy_backward(
        addressOf(dx),
        addressOf(dy),
        addressOrNull(divisor),
        addressOf(terms),
        addressOf(sums),
        addressOf(target),
        addressOrNull(weight),
        classes,
        labelSmoothing,
        ignoreIndex,
        0,
        rows,
      );
      return [dx];
    },
    divisor === null ? [terms, sums] : [terms, sums, divisor],
  );
}

/** Targets that are probabilities: composed, differentiable by the targets too. */
function softTargets(
  x: Tensor,
  target: Tensor,
  smoothing: number,
  weight: Tensor | undefined,
  reduction: Reduction,
): Tensor {
  if (!sameShape(x.shape, target.shape)) {
    throw new ShapeError(
      `probabilities of shape ${formatShape(target.shape)} for logits of shape ${formatShape(x.shape)}`,
      {
        where: 'crossEntropy',
        hint: "the shapes must be equal; class ids must be int32: convert them with to('int32')",
      },
    );
  }
  const axis = classAxis(x);
  const classes = x.shape[axis]!;
  const smooth = smoothing === 0 ? target : add(mul(target, 1 - smoothing), smoothing / classes);
  const weighted =
    weight === undefined ? smooth : mul(smooth, reshape(weight, [classes, ...x.shape.slice(axis + 1).map(() => 1)]));
  const losses = neg(sum(mul(weighted, logSoftmax(x, axis)), axis));
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? sum(losses) : div(sum(losses), losses.size);
}
