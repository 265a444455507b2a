/**
 * Reverse-mode differentiation. Each operation on tensors that require a gradient records a node; `backward()` walks
 * the nodes from the last to the first: every gradient is complete before it is passed on. The walk is a loop, so the
 * depth of the graph is bounded by memory alone.
 */
import { checkArguments } from '../runtime/arguments.js';
import { AutogradError } from '../runtime/errors.js';
import { copyOf, empty, full } from '../tensor/create.js';
import type { TapeNode } from '../tensor/node.js';
import { closeScope, moveToScope, openScope, scope } from '../tensor/scope.js';
import { formatShape } from '../tensor/shape.js';
import { checkGradient, type Tensor } from '../tensor/tensor.js';
import { clock, reading } from '../tensor/versions.js';
import { accumulate } from './accumulate.js';
import { type Attributes, note } from './trace.js';

/**
 * The gradients of the inputs, in their order, from that of the output; null where an input needs none.
 * Each must be a fresh tensor, `dy` itself, or an alias of `dy`: never an input, nor anything saved.
 */
export type Backward = (dy: Tensor) => readonly (Tensor | null)[];

type Node = TapeNode<Tensor>;

let recording = true;

/** Whether operations are being recorded: false inside `noGrad`. */
export function isGradEnabled(): boolean {
  return recording;
}

/**
 * Runs `body` without recording operations: for evaluation and for updates by hand. It is a scope too: tensors made
 * inside are freed at its end, except those it returns.
 */
export function noGrad<R>(body: () => R): R {
  if (typeof body !== 'function') checkArguments('noGrad(body=() => model.forward(x))', body);
  const before = recording;
  recording = false;
  try {
    return scope(body);
  } finally {
    recording = before;
  }
}

/** Whether an operation on these inputs must be able to run backward. */
export function needsGrad(...inputs: readonly (Tensor | null | undefined)[]): boolean {
  return recording && inputs.some((input) => input?.requiresGrad);
}

const requiresGrad = (tensor: Tensor): boolean => tensor.requiresGrad;

/**
 * Makes `output` differentiable: notes how the gradients of `inputs` follow from its own. Does nothing (but free
 * `saved`) inside `noGrad`, or where no input requires a gradient. Operations of users come in by `record`, which
 * checks its arguments.
 *
 * @param name of the operation, for messages
 * @param attributes what the operation was asked besides its inputs: see {@link note}
 * @param backward see {@link Backward}; called at most once; what it makes besides its results is freed
 * @param saved tensors made for `backward` alone, which the caller of the operation never sees
 * @returns `output`
 */
export function recordOp(
  name: string,
  output: Tensor,
  inputs: readonly Tensor[],
  attributes: Attributes,
  backward: Backward,
  saved: readonly Tensor[] = [],
): Tensor {
  note(name, output, inputs, attributes);
  return differentiable(name, output, inputs, backward, saved);
}

/**
 * As {@link recordOp}, for an `output` that other operations made inside `noGrad`: a listener has heard of those, and
 * is told nothing more.
 */
export function differentiable(
  name: string,
  output: Tensor,
  inputs: readonly Tensor[],
  backward: Backward,
  saved: readonly Tensor[] = [],
): Tensor {
  output.op = name;
  if (recording && inputs.some(requiresGrad)) {
    output.requiresGrad = true;
    output.node = { name, order: clock.now++, inputs, output, backward, saved, gradient: null };
  } else {
    for (const tensor of saved) tensor.dispose();
  }
  return output;
}

/**
 * For `backward`: room for a gradient of the size of `dy`, that of `output`. It is `dy` itself where nothing else needs
 * what is in there: a kernel that works in place saves memory.
 */
export function overwritable(dy: Tensor, output: Tensor): Tensor {
  return dy.ownsAlone && !output.retainsGrad ? dy : empty(dy.shape);
}

/** How `backward` begins and what it leaves. */
export interface BackwardOptions {
  /** d(loss)/d(this); default: 1, for a scalar. */
  readonly gradient?: Tensor;
  /** Keep the graph, to walk it again. Default: false, and what it saved is freed as the walk passes. */
  readonly retainGraph?: boolean;
}

/**
 * Adds d(root)/d(leaf) to `leaf.grad` for every leaf that `root` was computed from.
 *
 * @throws {AutogradError} when nothing was recorded, when the graph was walked before, or when `root` is not a scalar
 *   and no gradient is given
 * @throws {AutogradError} when elements that a backward pass needs were overwritten since
 * @throws {ShapeError | DTypeError} when the given gradient has another shape or dtype
 */
export function backward(root: Tensor, options: BackwardOptions = {}): void {
  checkArguments('backward(loss, { retainGraph: true, gradient })', root, options);
  if (!root.requiresGrad) {
    throw new AutogradError('this tensor was not computed from anything that requires a gradient', {
      where: 'backward',
      hint: 'make inputs with { requiresGrad: true }, and compute outside noGrad',
    });
  }
  const { gradient, retainGraph = false } = options;
  if (gradient === undefined && root.size !== 1) {
    throw new AutogradError(
      `only a scalar can do without a gradient, this tensor has shape ${formatShape(root.shape)}`,
      {
        where: 'backward',
        hint: 'reduce it with sum() or mean(), or pass { gradient }',
      },
    );
  }
  if (gradient !== undefined) checkGradient(gradient, root, 'backward');
  walkBack([root], [gradient], retainGraph, (received) => {
    for (const [leaf, sum] of received) addToGrad(leaf, sum);
  });
}

/**
 * Walks from `roots` back to the leaves. `use` gets what the leaves, and the tensors that retain theirs, received in
 * this walk; of its tensors, those that it returns outlive the walk.
 *
 * @param gradients of the roots, in their order; undefined: 1
 * @param wanted the walk goes no further than these need, and frees no more of the graph; undefined: to all leaves
 * @internal
 */
export function walkBack<R>(
  roots: readonly Tensor[],
  gradients: readonly (Tensor | undefined)[],
  retainGraph: boolean,
  use: (received: ReadonlyMap<Tensor, Tensor>) => R,
  wanted?: ReadonlySet<Tensor>,
): R {
  const nodes = nodesBelow(roots);
  const leading = wanted && nodesAbove(wanted, nodes);
  return noGrad(() => {
    // Summed up apart from what earlier walks left in `grad`: as in PyTorch, and an error on the way changes no `grad`.
    const received: Gradients = new Map();
    try {
      roots.forEach((root, i) => {
        const given = gradients[i];
        pass(root, given === undefined ? full(root.shape, 1) : copyOf(given), received);
      });
      for (const node of nodes) {
        if (leading === undefined || leading.has(node)) walk(node, received, retainGraph);
        else if (node.gradient !== null) received.set(node.output, node.gradient);
      }
      return use(received);
    } finally {
      // An error on the way must not leave half a sum for the next walk.
      for (const node of nodes) node.gradient = null;
    }
  });
}

/** Those of `nodes` (last first) that were computed from one of the tensors. */
function nodesAbove(tensors: ReadonlySet<Tensor>, nodes: readonly Node[]): Set<Node> {
  const found = new Set<Node>();
  for (const node of nodes.toReversed())
    if (node.inputs.some((input) => tensors.has(input) || (input.node && found.has(input.node)))) found.add(node);
  return found;
}

/** What each tensor received in this walk. */
type Gradients = Map<Tensor, Tensor>;

/** The nodes that `roots` were computed by, last first. */
function nodesBelow(roots: readonly Tensor[]): Node[] {
  const seen = new Set<Node>();
  const pending: Node[] = [];
  const visit = (tensor: Tensor): void => {
    const { node } = tensor;
    if (node !== null && !seen.has(node)) {
      seen.add(node);
      pending.push(node);
    }
  };
  roots.forEach(visit);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.backward === null) {
      throw new AutogradError(`the graph below ${node.name} was walked before, and what it saved is freed`, {
        where: 'backward',
        hint: 'sum the losses and call backward() once, or pass { retainGraph: true } the first time',
      });
    }
    for (const input of node.inputs) if (input.requiresGrad) visit(input);
  }
  return [...seen].sort((a, b) => b.order - a.order);
}

/** Runs one node backward and hands its gradients on. */
function walk(node: Node, leaves: Gradients, retainGraph: boolean): void {
  const dy = node.gradient;
  node.gradient = null;
  if (dy === null) return; // No input of the walk depends on it after all.
  const passed: Tensor[] = [];
  const receivers: Tensor[] = [];
  const own = openScope('backward()');
  try {
    const gradients = runBackward(node, dy);
    for (let i = 0; i < gradients.length; i++) {
      const input = node.inputs[i]!;
      const dx = gradients[i] as Tensor | null;
      if (dx === null || !input.requiresGrad) continue;
      checkGradient(dx, input, node.name);
      // The same tensor may be the gradient of two inputs: then each gets a handle of its own.
      const handle = dx === dy || gradients.indexOf(dx) !== i ? dx.alias(dx.shape) : dx;
      if (handle.scope === own) moveToScope(handle, own.parent);
      passed.push(handle);
      receivers.push(input);
    }
  } finally {
    closeScope(own);
  }
  for (let i = 0; i < passed.length; i++) pass(receivers[i]!, passed[i]!, leaves);
  if (node.output.retainsGrad) leaves.set(node.output, dy);
  else dy.dispose();
  if (!retainGraph) {
    node.backward = null;
    for (const tensor of node.saved) tensor.dispose();
    node.saved = [];
  }
}

/** The gradients of the inputs of `node`, made of nothing that was overwritten since it was recorded. */
function runBackward(node: Node, dy: Tensor): readonly (Tensor | null)[] {
  const { since, operation } = reading;
  reading.since = node.order;
  reading.operation = node.name;
  try {
    return node.backward!(dy);
  } finally {
    reading.since = since;
    reading.operation = operation;
  }
}

/** Adds a gradient (which it takes over) to what `tensor` has received so far. */
function pass(tensor: Tensor, gradient: Tensor, leaves: Gradients): void {
  const { node } = tensor;
  const before = node === null ? (leaves.get(tensor) ?? null) : node.gradient;
  const sum = before === null ? gradient : accumulate(before, gradient);
  if (before !== null) gradient.dispose();
  if (node === null) leaves.set(tensor, sum);
  else node.gradient = sum;
}

/** Adds a gradient (which it takes over) to `tensor.grad`, which outlives the scopes. */
function addToGrad(tensor: Tensor, gradient: Tensor): void {
  const before = tensor.grad;
  const sum = before !== null ? accumulate(before, gradient) : gradient.ownsAlone ? gradient : copyOf(gradient);
  if (sum !== gradient) gradient.dispose();
  if (sum === before) sum.keep();
  else tensor.ownGrad(sum);
}
