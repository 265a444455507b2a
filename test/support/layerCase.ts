/** A row of the tables of layers. */
import type { nn, Tensor } from '../../src/index.js';

/** One layer: what it is made of, how it prints, and the operations that it stands for. */
export interface LayerCase<M extends nn.Module> {
  readonly make: () => M;
  readonly text: string;
  /** Shapes of its state dict, in order. */
  readonly state?: Readonly<Record<string, readonly number[]>>;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly same: (layer: M, x: Tensor) => Tensor;
}

/** Lets the compiler check each row against its own class. */
export const layer = <M extends nn.Module>(row: LayerCase<M>): LayerCase<nn.Module> =>
  row as unknown as LayerCase<nn.Module>;
