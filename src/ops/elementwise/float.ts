import { DTypeError } from '../../runtime/errors.js';
import type { Tensor } from '../../tensor/tensor.js';

/** @throws {DTypeError} when one of the tensors is not float32 */
export function requireFloat(where: string, tensors: Readonly<Record<string, Tensor | null | undefined>>): void {
  for (const name in tensors) {
    const tensor = tensors[name];
    if (tensor && tensor.dtype !== 'float32') {
      throw new DTypeError(`${name} is ${tensor.dtype}, not float32`, {
        where,
        hint: `convert it with ${name}.float()`,
      });
    }
  }
}
