import { checkArguments, refusal } from '../runtime/arguments.js';
import { show } from '../runtime/describe.js';
import { ArgumentError, NonFiniteError } from '../runtime/errors.js';
import { kernels } from '../runtime/runtime.js';
import { addressOf, isTensor, markOverwritten, type Tensor } from '../tensor/tensor.js';
import { fits, wrongGradient } from './gradient.js';

/** Which norm is limited. */
export interface ClipGradNormOptions {
  /** p of the norm, a number > 0 or Infinity. Default: 2. */
  readonly normType?: number;
  /** Throw when the norm is NaN or infinite, rather than spoil all gradients. Default: false. */
  readonly errorIfNonFinite?: boolean;
}

/**
 * Scales the gradients of all parameters together, in place, so that their norm is at most `maxNorm`.
 *
 * norm = (Σ |g|ᵖ)^(1/p) over all gradients as one vector, in double precision; g *= min(1, maxNorm / (norm + 1e-6))
 *
 * @returns the norm before
 * @throws {ArgumentError} when maxNorm is not ≥ 0, or normType not > 0
 * @throws {DisposedTensorError | DTypeError} when a gradient was freed, or is not float32: nothing is scaled then
 * @throws {NonFiniteError} with errorIfNonFinite, when the norm is NaN or infinite: nothing is scaled then
 * @see torch.nn.utils.clip_grad_norm_
 */
export function clipGradNorm(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): number {
  checkArguments(
    'clipGradNorm(parameters=model.parameters()|x, maxNorm=1.0, { normType: 2.0, errorIfNonFinite: true })',
    parameters,
    maxNorm,
    options,
  );
  const { normType = 2, errorIfNonFinite = false } = options;
  const where = 'clipGradNorm';
  if (!(maxNorm >= 0)) throw refusal(where, 'maxNorm', 'a number ≥ 0', maxNorm);
  if (!(normType > 0)) throw refusal(where, 'normType', 'a number > 0 or Infinity', normType);
  const gradients = gradientsOf(parameters, where);
  const norm = normOf(gradients, normType);
  if (errorIfNonFinite && !Number.isFinite(norm)) {
    const hint = 'lower the learning rate, or look for the operation that gave NaN or infinity';
    throw new NonFiniteError(`the norm of the gradients is ${norm}`, { where, hint });
  }
  const factor = maxNorm / (norm + 1e-6);
  if (factor >= 1) return norm;
  for (const gradient of gradients) {
    markOverwritten(gradient, 'clipGradNorm');
    kernels.f32_scale(addressOf(gradient), factor, 0, gradient.size);
  }
  return norm;
}

/**
 * Limits every element of the gradients to [−clipValue, clipValue], in place.
 *
 * @throws {ArgumentError} when clipValue is not ≥ 0
 * @throws {DisposedTensorError | DTypeError} as {@link clipGradNorm}: no element is limited then
 * @see torch.nn.utils.clip_grad_value_
 */
export function clipGradValue(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  const where = 'clipGradValue';
  checkArguments('clipGradValue(parameters=model.parameters()|x, clipValue=1.0)', parameters, clipValue);
  if (!(clipValue >= 0)) throw refusal(where, 'clipValue', 'a number ≥ 0', clipValue);
  for (const gradient of gradientsOf(parameters, where)) {
    markOverwritten(gradient, where);
    kernels.f32_clamp_forward(addressOf(gradient), addressOf(gradient), -clipValue, clipValue, 0, gradient.size);
  }
}

/** All gradients there are, each of them checked. */
function gradientsOf(parameters: Tensor | Iterable<Tensor>, where: string): Tensor[] {
  const gradients: Tensor[] = [];
  let i = 0;
  for (const param of isTensor(parameters) ? [parameters] : parameters) {
    if (!isTensor(param)) {
      throw new ArgumentError(`parameter ${i} must be a tensor, not ${show(param)}`, { where });
    }
    const { grad } = param;
    if (grad !== null) {
      // Of any shape: only the gradient itself is read and written.
      if (!fits(grad, grad)) throw wrongGradient(grad, param, `parameter ${i}`, where);
      gradients.push(grad);
    }
    i++;
  }
  return gradients;
}

function normOf(gradients: readonly Tensor[], p: number): number {
  if (p === Infinity)
    return gradients.reduce((largest, g) => Math.max(largest, kernels.f32_largest(addressOf(g), g.size)), 0);
  if (p === 2)
    return Math.sqrt(gradients.reduce((sum, g) => sum + kernels.f32_sum_of_squares(addressOf(g), g.size), 0));
  return kernels.f64_root(
    gradients.reduce((sum, g) => sum + kernels.f32_sum_of_powers(addressOf(g), g.size, p), 0),
    p,
  );
}
