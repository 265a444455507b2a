export { snakeCase } from '../../runtime/names.js';

/** `0.weight` below `features` is `features.0.weight`. */
export function joinPath(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}
