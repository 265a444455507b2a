import { checkArguments } from '../../runtime/arguments.js';
import type { AnyModule } from './module.js';
import { type Observer, observe } from './watch.js';

/** One finished `forward` of a module. */
export interface ForwardEvent {
  readonly module: AnyModule;
  /** Path below the module whose `forward` was called from outside (`features.0`); '' for that module itself. */
  readonly path: string;
  readonly inputs: readonly unknown[];
  readonly output: unknown;
}

/**
 * Calls `observer` after each `forward` of any module, inner modules before those that contain them. Meanwhile
 * neighbouring layers are not fused, and every module has a wrapper of its `forward` as a property of its own.
 *
 * @returns a function that ends it
 */
export function observeForward(observer: (event: ForwardEvent) => void): () => void {
  checkArguments('nn.observeForward(observer=({ path, output }) => 0)', observer);
  return observe(observer as Observer);
}
