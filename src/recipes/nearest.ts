import { checkArguments, nearest as find } from '../runtime/arguments.js';

/**
 * The name that was probably meant: at most two letters away, a third of them in short names; undefined for none.
 *
 * @example
 * nearest('pading', ['padding', 'stride']);   // 'padding'
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  checkArguments('nearest(name="pading", names=["padding"])', name, names);
  return find(name, names);
}
