/**
 * One row of the case table: an operation, its inputs, and a plain double-precision twin. From a row follow the checks
 * of `test/cases.test.ts`: value and gradients against the twin, gradients summed over two walks, no byte written out
 * of bounds, nothing left alive, the same bits twice.
 */
import type { DType, Tensor } from '../../src/index.js';
import type { Reference } from './reference.js';

export interface Input {
  readonly shape: readonly number[];
  /** Values are uniform in this range; default [-2, 2]. For int32 and uint8: whole numbers, the upper end excluded. */
  readonly range?: readonly [number, number];
  /** These values instead of random ones. */
  readonly values?: readonly number[];
  /** Default float32. Only float32 inputs have their gradients checked. */
  readonly dtype?: 'float32' | 'int32' | 'uint8';
  /** Whether its gradient is checked; default: for float32. */
  readonly grad?: boolean;
}

export interface Case {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly run: (...inputs: Tensor[]) => Tensor;
  readonly twin: (...inputs: Reference[]) => Reference;
  /** Element type of the result. Default: not checked. */
  readonly dtype?: DType;
  /**
   * Largest error allowed, relative to the largest value of the twin (or 1, if that is larger). Default 2e-6. Say why
   * when it is more. 0: the twin's numbers.
   */
  readonly tolerance?: number;
  /** The same for gradients; default: `tolerance`. */
  readonly gradientTolerance?: number;
  /** The operation has no gradient. */
  readonly noGradient?: boolean;
}
