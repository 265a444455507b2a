/** The name of a property where PyTorch would write it: `runningMean` → `running_mean`. Checkpoints have its keys. */
export function snakeCase(property: string): string {
  return property
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}
