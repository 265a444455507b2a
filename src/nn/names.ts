/** The key of a property in a state dict: `runningMean` → `running_mean`, so that checkpoints have PyTorch's keys. */
export function snakeCase(property: string): string {
  return property.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2').toLowerCase();
}

/** `0.weight` below `features` is `features.0.weight`. */
export function joinPath(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}
