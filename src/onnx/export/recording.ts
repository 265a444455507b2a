/** Runs a forward pass and writes down what it did. */

import { noGrad } from '../../autograd/tape.js';
import { trace } from '../../autograd/trace.js';
import type { AnyModule } from '../../nn/core/module.js';
import { observeForward } from '../../nn/core/observeForward.js';
import { ArgumentError } from '../../runtime/errors.js';
import type { TypedArray } from '../../tensor/dtype.js';
import { isTensor, type Tensor } from '../../tensor/tensor.js';
import { trackers } from '../../tensor/track.js';

/** One operation of the forward pass. */
export interface Step {
  readonly name: string;
  readonly output: Tensor;
  readonly inputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Path of the layer. */
  readonly layer: string | undefined;
}

/** A whole forward pass. */
export interface Recording {
  readonly inputs: readonly Tensor[];
  readonly steps: readonly Step[];
  readonly outputs: readonly (readonly [name: string, value: Tensor])[];
  /** Elements of the tensors that no operation made, as they were when one used them. */
  readonly constants: ReadonlyMap<Tensor, TypedArray>;
}

/** @throws {ArgumentError} when the forward pass gives something else than tensors */
export function recordForward(model: AnyModule, inputs: readonly Tensor[]): Recording {
  const steps: Step[] = [];
  const known = new Set<Tensor>([...inputs, ...model.parameters(), ...model.buffers()]);
  const constants = new Map<Tensor, TypedArray>();
  const layers = new Map<Tensor, string | undefined>();
  const meet = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || !isTensor(value) || known.has(value)) return;
    known.add(value);
    constants.set(value, value.data());
  };
  const outer = trace.listener;
  trace.listener = (name, output, used, attributes) => {
    for (const value of [...used, ...Object.values(attributes)]) if (value !== output) meet(value);
    known.add(output);
    steps.push({
      name,
      output,
      inputs: used,
      attributes: attributes as Readonly<Record<string, unknown>>,
      layer: layers.get(output),
    });
  };
  // While somebody observes, a row of layers runs each by itself, and each tensor that is made knows its layer.
  trackers.add(layers);
  const stop = observeForward(() => {});
  try {
    const result = noGrad(() => (model.forward as (...inputs: Tensor[]) => unknown)(...inputs));
    const outputs = outputsOf(result, model.constructor.name);
    for (const [, value] of outputs) meet(value);
    return { inputs, steps, outputs, constants };
  } finally {
    trace.listener = outer;
    trackers.delete(layers);
    stop();
  }
}

function outputsOf(result: unknown, where: string): (readonly [string, Tensor])[] {
  if (typeof result === 'object' && result !== null) {
    if (isTensor(result)) return [['output', result]];
    const entries = Array.isArray(result)
      ? result.flat(2).map((value, i) => [`output_${i}`, value] as const)
      : Object.entries(result as Record<string, unknown>);
    if (entries.length > 0 && entries.every(([, value]) => isTensor(value))) return entries as [string, Tensor][];
  }
  throw new ArgumentError('the forward pass must give a tensor, an array of tensors, or an object of them', { where });
}
