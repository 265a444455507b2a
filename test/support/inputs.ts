/** The inputs of a row of the case table. */
import { type Tensor, tensor } from '../../src/index.js';
import type { Case, Input } from './case.js';
import { type Reference, reference } from './reference.js';

export function draw(input: Input, random: () => number): Reference {
  const [low, high] = input.range ?? (input.dtype === undefined || input.dtype === 'float32' ? [-2, 2] : [0, 3]);
  if (input.values !== undefined) return reference(input.shape, input.values);
  const whole = input.dtype === 'int32' || input.dtype === 'uint8';
  return reference(input.shape, () => {
    const value = low + random() * (high - low);
    return whole ? Math.floor(value) : Math.fround(value);
  });
}

export const wantsGradient = (input: Input) => input.grad ?? (input.dtype === undefined || input.dtype === 'float32');

/** The values as tensors; those whose gradient is checked are not yet told to require one. */
export function tensorsOf(row: Case, values: readonly Reference[]): Tensor[] {
  return row.inputs.map((input, i) =>
    tensor(Array.from(values[i]!.data), { shape: input.shape, dtype: input.dtype ?? 'float32' }),
  );
}
