/**
 * One recorded operation: how to get from the gradient of its output to those of its inputs. `T` is `Tensor`, which has
 * such a node itself and so stands above this file.
 *
 * @internal
 */
export interface TapeNode<T> {
  /** Of the operation, for messages. */
  readonly name: string;
  /** Position on the tape: that of every input is smaller. */
  readonly order: number;
  readonly inputs: readonly T[];
  readonly output: T;
  /** See `Backward` in `autograd/tape.ts`. Null once it ran. */
  backward: ((dy: T) => readonly (T | null)[]) | null;
  /** Tensors that only `backward` reads: freed as soon as it ran. */
  saved: readonly T[];
  /** d(loss)/d(output), as far as it is summed up. */
  gradient: T | null;
}
