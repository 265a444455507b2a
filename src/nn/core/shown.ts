/** `stride=[2, 2]`, as it stands in `toString()`; nothing where the value is the default. */
export function shown(name: string, value: unknown, standard?: unknown): string[] {
  const text = (item: unknown): string => (Array.isArray(item) ? `[${item.map(text).join(', ')}]` : String(item));
  return text(value) === text(standard) ? [] : [`${name}=${text(value)}`];
}
