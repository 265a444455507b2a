import { ArgumentError } from '../runtime/errors.js';

/** @throws {ArgumentError} when one of the named sizes is no whole number ≥ 1 */
export function checkSizes(where: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1) throw new ArgumentError(`${name} must be a whole number ≥ 1, not ${String(size)}`, { where });
  }
}
