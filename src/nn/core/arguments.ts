import { ArgumentError } from '../../runtime/errors.js';

/** @throws {ArgumentError} when one of the named sizes is no whole number ≥ 1 */
export function checkSizes(where: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1)
      throw new ArgumentError(`${name} must be a whole number ≥ 1, not ${String(size)}`, { where });
  }
}

/** `stride=[2, 2]`, as it stands in `toString()`; nothing where the value is the default. */
export function shown(name: string, value: unknown, standard?: unknown): string[] {
  const text = (item: unknown): string => (Array.isArray(item) ? `[${item.map(text).join(', ')}]` : String(item));
  return text(value) === text(standard) ? [] : [`${name}=${text(value)}`];
}
