/** Who looks on as operations run: so that a forward pass can be written down as a graph. */
import type { Tensor } from '../tensor/tensor.js';

/** What an operation was asked besides its inputs, by name: numbers, and tensors that it has no gradient for. */
export type Attributes = object;

/** Called for each operation, once its output exists. @internal */
export type Listener = (name: string, output: Tensor, inputs: readonly Tensor[], attributes: Attributes) => void;

/** The listener, where there is one. @internal */
export const trace: { listener: Listener | null } = { listener: null };

const NONE: Attributes = {};

/**
 * Says which operation made `output`, and tells the listener.
 *
 * @returns `output`
 * @internal
 */
export function note(name: string, output: Tensor, inputs: readonly Tensor[], attributes = NONE): Tensor {
  output.op = name;
  trace.listener?.(name, output, inputs, attributes);
  return output;
}
