import { recordOp } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { withRecord } from '../../runtime/records.js';
import { kernels } from '../../runtime/runtime.js';
import { empty } from '../../tensor/create.js';
import { formatShape, sizeOf } from '../../tensor/shape.js';
import { addressOf, addressOrNull, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { type AffineOptions, checkParts } from './normalisation.js';

/** What the operation normalises by. */
export interface BatchNormOptions extends AffineOptions {
  /** Mean of each channel so far: moved towards that of x in training, used in evaluation. */
  readonly runningMean?: Tensor | null;
  /** Variance of each channel so far, likewise. */
  readonly runningVar?: Tensor | null;
  /** Normalise by the statistics of x itself (and move the running ones), not by the running ones. Default: false. */
  readonly training?: boolean;
  /** How far the running statistics move: running = (1 − momentum)·running + momentum·(that of x). Default: 0.1. */
  readonly momentum?: number;
  /** Follow it with a ReLU, in the same pass. Default: false. */
  readonly relu?: boolean;
}

const BATCH_NORM_CALL =
  'batchNorm(x, { runningMean: runningMean|null, runningVar: runningVar|null, training: false, ' +
  'momentum: 0.1, relu: false, weight: weight|null, bias: bias|null, eps: 1e-5 })';

/**
 * Batch normalisation: every channel over the whole batch.
 *
 * y = (x − mean) / √(variance + eps) · weight + bias, by channel; with `relu`, the ReLU of that, bit for bit
 *
 * In training mean and variance (÷ m, over the m = N·… numbers of the channel) are those of x; the running variance
 * moves towards the unbiased one (÷ m − 1). In evaluation they are the running ones. The variance is that of the
 * deviations, in a stable order: no difference of squares.
 *
 * Shapes:   x [N,C] or [N,C,…] · weight, bias, runningMean, runningVar [C] → as x
 * Backward: saves x, weight, some numbers a channel, and with `relu` y, where y ≤ 0 is dy = 0. With x̂ the normalised
 * x: dBias = Σ dy, dWeight = Σ dy·x̂,
 *           dx = weight/√(variance + eps)·(dy − mean(dy) − x̂·mean(dy·x̂)) in training, without the means in evaluation
 * Units:    momentum in [0, 1], the share of the new (papers that say 0.9 for the share of the old mean 0.1)
 * @throws {ShapeError} when x has no channels, a parameter is not [C], or in training a channel has fewer than 2
 *   numbers
 * @throws {ArgumentError} in evaluation without running statistics
 * @throws {DTypeError} when a tensor is not float32
 * @see same as torch.nn.functional.batch_norm; Ioffe and Szegedy, arXiv 1502.03167
 */
export function batchNorm(x: Tensor, options: BatchNormOptions = {}): Tensor {
  checkArguments(BATCH_NORM_CALL, x, options);
  const { runningMean, runningVar, weight, bias, training = false, momentum = 0.1, eps = 1e-5, relu = false } = options;
  requireFloat('batchNorm', { x });
  if (x.rank < 2)
    throw new ShapeError(`the input must be [N, C] or [N, C, …], not ${formatShape(x.shape)}`, { where: 'batchNorm' });
  const [n, channels] = x.shape as [number, number];
  const spatial = sizeOf(x.shape.slice(2));
  checkParts('batchNorm', [channels], x, { weight, bias, runningMean, runningVar });
  const running = runningMean && runningVar;
  if (Boolean(runningMean) !== Boolean(runningVar))
    throw new ArgumentError('runningMean and runningVar go together', { where: 'batchNorm' });
  if (!training && !running)
    throw new ArgumentError('evaluation needs runningMean and runningVar', {
      where: 'batchNorm',
      hint: 'pass them, or { training: true }',
    });
  if (training && n * spatial < 2 && channels > 0) {
    throw new ShapeError(
      `training needs more than 1 value per channel, the input of shape ${formatShape(x.shape)} has ${n * spatial}`,
      {
        where: 'batchNorm',
        hint: 'use a larger batch (drop a last one of a single sample: { dropLast: true }), or model.eval()',
      },
    );
  }

  const y = empty(x.shape);
  const rows = kernels.f32_batch_norm_statistics_rows();
  const statistics = empty([rows, channels]);
  const sizes = { images: n, channels, spatial, relu: Number(relu) };
  withRecord('BatchNormShape', sizes, (shape) => {
    if (training) {
      kernels.f32_batch_norm_forward(
        addressOf(y),
        addressOf(statistics),
        running ? addressOf(runningMean) : 0,
        running ? addressOf(running) : 0,
        addressOf(x),
        addressOrNull(weight),
        addressOrNull(bias),
        shape,
        eps,
        momentum,
        0,
        channels,
      );
    } else {
      kernels.f32_batch_norm_statistics(
        addressOf(statistics),
        addressOf(runningMean!),
        addressOf(runningVar!),
        channels,
        eps,
        0,
        channels,
      );
      kernels.f32_batch_norm_map(
        addressOf(y),
        addressOf(x),
        addressOrNull(weight),
        addressOrNull(bias),
        addressOf(statistics),
        shape,
        0,
        channels,
      );
    }
  });

  return recordOp(
    'batchNorm',
    y,
    [x, weight, bias].filter((input) => input != null),
    options,
    (dy) => {
      const sumsNeeded = training || needsAny(weight, bias);
      const dWeight = sumsNeeded ? empty([channels]) : null;
      const dBias = sumsNeeded ? empty([channels]) : null;
      const dx = x.requiresGrad ? empty(x.shape) : null;
      if (sumsNeeded) {
        withRecord('BatchNormShape', sizes, (shape) =>
          kernels.f32_batch_norm_backward(
            training ? addressOrNull(dx) : 0,
            addressOf(dWeight!),
            addressOf(dBias!),
            addressOf(dy),
            addressOf(x),
            addressOrNull(weight),
            relu ? addressOf(y) : 0,
            addressOf(statistics),
            shape,
            0,
            channels,
          ),
        );
      }
      if (dx !== null && !training) {
        // A fixed scale: the same map, about 0.
        const centered = empty([rows, channels]);
        kernels.f32_batch_norm_centered(addressOf(centered), addressOf(statistics), channels, 0, channels);
        if (relu) kernels.f32_relu_backward(addressOf(dx), addressOf(dy), addressOf(y), 0, x.size);
        withRecord('BatchNormShape', { ...sizes, relu: 0 }, (shape) =>
          kernels.f32_batch_norm_map(
            addressOf(dx),
            relu ? addressOf(dx) : addressOf(dy),
            addressOrNull(weight),
            0,
            addressOf(centered),
            shape,
            0,
            channels,
          ),
        );
      }
      return [dx, ...(weight ? [dWeight] : []), ...(bias ? [dBias] : [])];
    },
    [statistics],
  );
}

function needsAny(...parts: (Tensor | null | undefined)[]): boolean {
  return parts.some((part) => part?.requiresGrad);
}
