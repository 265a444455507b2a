import { ones, zeros } from '../../tensor/create.js';
import type { Shape } from '../../tensor/shape.js';
import { Parameter } from '../core/parameter.js';
import * as init from '../init.js';

/** The learned scale and shift of a normalisation; null where there are none. */
export interface Affine {
  weight: Parameter | null;
  bias: Parameter | null;
}

export function makeAffine(shape: Shape, learned: boolean): Affine {
  return learned
    ? { weight: new Parameter(ones(shape)), bias: new Parameter(zeros(shape)) }
    : { weight: null, bias: null };
}

/** Back to 1 and 0. */
export function resetAffine({ weight, bias }: Affine): void {
  if (weight !== null) init.ones(weight);
  if (bias !== null) init.zeros(bias);
}
