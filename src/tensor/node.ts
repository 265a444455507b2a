import type { Tensor } from './tensor.js';

/** One recorded operation: how to get from the gradient of its output to those of its inputs. @internal */
export interface TapeNode {
  /** Of the operation, for messages. */
  readonly name: string;
  /** Place on the tape: inputs always have a smaller one. */
  readonly order: number;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** Null once walked. */
  backward: Backward | null;
  /** Tensors that only `backward` reads: freed as soon as it did. */
  saved: readonly Tensor[];
  /** d(loss)/d(output), as far as it is summed up. */
  gradient: Tensor | null;
}

/**
 * The gradients of the inputs, in their order, from that of the output; null where an input needs none.
 * Each must be a fresh tensor, `dy` itself, or an alias of `dy`: never an input, nor anything saved.
 */
export type Backward = (dy: Tensor) => readonly (Tensor | null)[];
