/** Finds layers that a module keeps where `parameters()` does not look. */

/** Modules that were searched, and classes that were warned of. */
const searched = new WeakSet<object>();

/** A layer in a plain object, Map, Set or array, at any place down to the fourth level. */
function findIn(value: unknown, isHidden: (value: unknown) => boolean, levels = 4): object | undefined {
  if (isHidden(value)) return value as object;
  if (levels === 0 || typeof value !== 'object' || value === null) return undefined;
  const isList = value instanceof Map || value instanceof Set || Array.isArray(value);
  const isPlain = (Object.getPrototypeOf(value) ?? Object.prototype) === Object.prototype;
  for (const item of isList ? value.values() : isPlain ? Object.values(value) : []) {
    const found = findIn(item, isHidden, levels - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Warns of a layer or parameter within a property of a module that belongs to no module: once per class, unless the
 * class has `static warnOfHiddenLayers = false`.
 */
export function warnOfHidden(module: object, isHidden: (value: unknown) => boolean): void {
  const kind = module.constructor as unknown as { name: string; warnOfHiddenLayers?: boolean };
  if (searched.has(module) || searched.has(kind) || kind.warnOfHiddenLayers === false) return;
  searched.add(module);
  for (const [property, value] of Object.entries(module)) {
    const found = findIn(value, isHidden);
    if (found === undefined) continue;
    searched.add(kind);
    console.warn(
      `${kind.name}: parameters() does not find the ${found.constructor.name} in ${property}: keep layers in ` +
        'properties, arrays or nn.ModuleList (static warnOfHiddenLayers = false stops this warning)',
    );
    return;
  }
}
