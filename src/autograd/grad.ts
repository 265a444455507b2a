import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError, AutogradError } from '../runtime/errors.js';
import { copyOf } from '../tensor/create.js';
import { formatShape } from '../tensor/shape.js';
import { checkGradient, isTensor, type Tensor } from '../tensor/tensor.js';
import { walkBack } from './tape.js';

/** How `grad` begins and what it leaves. */
export interface GradOptions {
  /** Gradients of the outputs, in their order; null: 1, for a scalar. Default: all null. */
  readonly gradOutputs?: Tensor | readonly (Tensor | null)[];
  /** Keep the graph, to walk it again. Default: false. */
  readonly retainGraph?: boolean;
  /** Give null for an input that no output depends on, in place of an error. Default: false. */
  readonly allowUnused?: boolean;
}

const OPTIONS = '{ retainGraph: true, gradOutputs: x|[x|null], allowUnused: true }';
const CALL = `autograd.grad(outputs=x|[x], inputs=x|[x], ${OPTIONS})`;

const listOf = <T>(given: Tensor | readonly T[]): readonly T[] => (isTensor(given) ? [given as T] : given);

/**
 * The gradients of the sum of `outputs` by each of `inputs`: leaves, or tensors that were computed on the way.
 * No `grad` changes. The walk goes no further back than to the inputs.
 *
 * Shapes: gradients as inputs; an array, also for one input
 * @throws {AutogradError} when an output is not a scalar and has no gradient given, or nothing was recorded
 * @throws {AutogradError} when no output depends on an input, without allowUnused
 * @throws {ShapeError | DTypeError} when a given gradient is not like its output
 * @see torch.autograd.grad; there are no gradients of gradients (create_graph)
 * @example
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * const [dx] = autograd.grad(x.square().sum(), x);
 * dx!.toArray();   // [2, 4, 6]
 * x.grad;          // null
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions & { readonly allowUnused: true },
): (Tensor | null)[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions,
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  checkArguments(CALL, outputs, inputs, options);
  const where = 'grad';
  const { gradOutputs = [], retainGraph = false, allowUnused = false } = options;
  const [roots, wanted] = [listOf(outputs), listOf(inputs)];
  const given = listOf<Tensor | null>(gradOutputs);
  if (given.length > 0 && given.length !== roots.length)
    throw new ArgumentError(`${given.length} gradOutputs for ${roots.length} outputs`, { where });
  roots.forEach((root, i) => {
    if (!root.requiresGrad)
      throw new AutogradError('an output was not computed from anything that requires a gradient', { where });
    const own = given[i] ?? null;
    if (own !== null) checkGradient(own, root, where);
    else if (root.size !== 1)
      throw new AutogradError(`an output of shape ${formatShape(root.shape)} needs a gradient in gradOutputs`, {
        where,
      });
  });
  if (wanted.some((x) => !x.requiresGrad)) throw new AutogradError('an input requires no gradient', { where });
  // What passes through an input must not be overwritten further back.
  const inner = wanted.filter((x) => x.node !== null && !x.retainsGrad);
  for (const x of inner) x.retainsGrad = true;
  try {
    return walkBack(
      roots,
      roots.map((_, i) => given[i] ?? undefined),
      retainGraph,
      (received) =>
        wanted.map((x, i) => {
          const gradient = received.get(x);
          if (gradient !== undefined) return gradient.ownsAlone ? gradient : copyOf(gradient);
          if (allowUnused) return null;
          throw new AutogradError(`no output depends on input ${i}`, {
            where,
            hint: 'with { allowUnused: true }, its gradient is null',
          });
        }),
      new Set(wanted),
    );
  } finally {
    for (const x of inner) x.retainsGrad = false;
  }
}
