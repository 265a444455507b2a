/** Gradients by finite differences, for those who write operations and layers of their own. */
import { checkArguments, refusal } from '../runtime/arguments.js';
import { AutogradError } from '../runtime/errors.js';
import { empty } from '../tensor/create.js';
import { scope } from '../tensor/scope.js';
import { formatShape } from '../tensor/shape.js';
import { isTensor, type Tensor } from '../tensor/tensor.js';
import { noGrad } from './tape.js';

/** How exactly the gradients must agree. */
export interface GradcheckOptions {
  /** Step of the central difference. Default 1e-2: float32 leaves few digits to a smaller one. */
  readonly eps?: number;
  /** Error allowed in absolute terms. Default 1e-3. */
  readonly atol?: number;
  /** Error allowed relative to the numeric gradient. Default 1e-2. */
  readonly rtol?: number;
}

/**
 * Compares the gradients of `f` with central differences, for every element of every input that requires a gradient.
 *
 * (L(x + ε) − L(x − ε)) / 2ε ≈ dL/dx, where L = Σ wᵢ·f(x)ᵢ with fixed weights w between ½ and 1½, so that errors in
 * different outputs do not cancel.
 *
 * float32 limits what can be seen: choose inputs of size about 1, away from kinks.
 *
 * @param f from the inputs to one tensor; must give the same for the same inputs (no dropout)
 * @throws {AutogradError} naming the input, the element and both values where they disagree
 * @example
 * const requiresGrad = true;
 * gradcheck((x, w) => linear(x, w).tanh(), [randn([3, 4], { requiresGrad }), randn([2, 4], { requiresGrad })]);
 */
export function gradcheck<Inputs extends readonly Tensor[]>(
  f: (...inputs: Inputs) => Tensor,
  inputs: Inputs,
  options: GradcheckOptions = {},
): void {
  checkArguments('gradcheck(f=(x) => x.exp(), inputs=[x], { eps: 1e-2, atol: 1e-3, rtol: 1e-2 })', f, inputs, options);
  const { eps = 1e-2, atol = 1e-3, rtol = 1e-2 } = options;
  const checked = inputs.filter((input) => input.requiresGrad);
  if (checked.length === 0)
    throw new AutogradError('no input requires a gradient', {
      where: 'gradcheck',
      hint: 'make them with { requiresGrad: true }',
    });
  const before = checked.map((input) => input.grad);
  for (const input of checked) input.grad = null;
  try {
    const weights: number[] = [];
    const analytic = scope(() => {
      const y = f(...inputs);
      if (!isTensor(y)) throw refusal('gradcheck', 'what f returns', 'a tensor', y);
      for (let i = 0; i < y.size; i++) weights.push(0.5 + ((i * 0.618_033_988_749_894_9) % 1));
      y.backward({ gradient: empty(y.shape).assign(weights) });
      return checked.map((input) => (input.grad === null ? new Float32Array(input.size) : input.grad.data()));
    });
    const loss = () =>
      noGrad(() => {
        const y = f(...inputs).view();
        return weights.reduce((sum, weight, i) => sum + weight * y[i]!, 0);
      });
    checked.forEach((input, which) => {
      for (let element = 0; element < input.size; element++) {
        const numeric = slope(input, element, eps, loss);
        const got = analytic[which]![element]!;
        if (!(Math.abs(got - numeric) <= atol + rtol * Math.abs(numeric))) {
          throw new AutogradError(
            `input ${inputs.indexOf(input)} of shape ${formatShape(input.shape)}, element ${element}: ` +
              `backward() gives ${got}, finite differences ${numeric}`,
            {
              where: 'gradcheck',
              hint: 'check the backward formula; near a kink, or for large values, change the input or eps',
            },
          );
        }
      }
    });
  } finally {
    checked.forEach((input, i) => {
      input.zeroGrad();
      input.grad = before[i]!;
    });
  }
}

/** The central difference of `loss` at one element of `input`, by the steps that float32 really takes. */
function slope(input: Tensor, element: number, eps: number, loss: () => number): number {
  const value = input.view()[element]!;
  const at = (shifted: number): { x: number; loss: number } => {
    input.view()[element] = shifted;
    return { x: input.view()[element]!, loss: loss() };
  };
  try {
    const [high, low] = [at(value + eps), at(value - eps)];
    return (high.loss - low.loss) / (high.x - low.x);
  } finally {
    input.view()[element] = value;
  }
}
