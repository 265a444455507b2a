import { ArgumentError, NonFiniteError } from '../runtime/errors.js';
import { kernels } from '../runtime/runtime.js';
import { isTensor, markOverwritten, type Tensor } from '../tensor/tensor.js';

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
 * @throws {NonFiniteError} with errorIfNonFinite, when the norm is NaN or infinite: nothing is scaled then
 * @see torch.nn.utils.clip_grad_norm_
 */
export function clipGradNorm(parameters: Tensor | Iterable<Tensor>, maxNorm: number, options: ClipGradNormOptions = {}): number {
  const { normType = 2, errorIfNonFinite = false } = options;
  if (!(maxNorm >= 0)) throw new ArgumentError(`maxNorm must be a number ≥ 0, not ${maxNorm}`, { where: 'clipGradNorm' });
  if (!(normType > 0)) throw new ArgumentError(`normType must be a number > 0 or Infinity, not ${normType}`, { where: 'clipGradNorm' });
  const gradients = gradientsOf(parameters);
  const norm = normOf(gradients, normType);
  if (errorIfNonFinite && !Number.isFinite(norm)) {
    throw new NonFiniteError(`the norm of the gradients is ${norm}`, { where: 'clipGradNorm', hint: 'lower the learning rate, or look for the operation that gave NaN or infinity' });
  }
  const factor = maxNorm / (norm + 1e-6);
  if (factor >= 1) return norm;
  for (const gradient of gradients) {
    markOverwritten(gradient, 'clipGradNorm');
    kernels.f32_scale(gradient.ptr, factor, 0, gradient.size);
  }
  return norm;
}

/**
 * Limits every element of the gradients to [−clipValue, clipValue], in place.
 *
 * @throws {ArgumentError} when clipValue is not ≥ 0
 * @see torch.nn.utils.clip_grad_value_
 */
export function clipGradValue(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  if (!(clipValue >= 0)) throw new ArgumentError(`clipValue must be a number ≥ 0, not ${clipValue}`, { where: 'clipGradValue' });
  for (const gradient of gradientsOf(parameters)) {
    markOverwritten(gradient, 'clipGradValue');
    kernels.f32_clamp_forward(gradient.ptr, gradient.ptr, -clipValue, clipValue, 0, gradient.size);
  }
}

function gradientsOf(parameters: Tensor | Iterable<Tensor>): Tensor[] {
  const all = isTensor(parameters) ? [parameters] : [...parameters];
  return all.map(({ grad }) => grad).filter((grad) => grad !== null);
}

function normOf(gradients: readonly Tensor[], p: number): number {
  if (p === Infinity) return gradients.reduce((largest, { ptr, size }) => Math.max(largest, kernels.f32_largest(ptr, size)), 0);
  if (p === 2) return Math.sqrt(gradients.reduce((sum, { ptr, size }) => sum + kernels.f32_sum_of_squares(ptr, size), 0));
  return kernels.f64_root(gradients.reduce((sum, { ptr, size }) => sum + kernels.f32_sum_of_powers(ptr, size, p), 0), p);
}
