import { type AnyModule, Module } from '../core/module.js';
import { MemberList } from './memberList.js';

/**
 * A list of modules that belongs to the module that holds it; it runs none of them by itself. (A plain array as a
 * property does the same, with the same keys: the list is for those who look for PyTorch's name.)
 *
 * @see torch.nn.ModuleList
 * @example
 * class Stack extends nn.Module {
 *   blocks = new nn.ModuleList([new nn.Linear(4, 4), new nn.Linear(4, 4)]);
 *   forward(x: Tensor): Tensor {
 *     return [...this.blocks].reduce((y, block) => block.forward(y), x);
 *   }
 * }
 * const keys = new Stack().namedParameters().map(([key]) => key);
 * keys.slice(0, 3);   // ['blocks.0.weight', 'blocks.0.bias', 'blocks.1.weight']
 */
export class ModuleList<M extends AnyModule = Module> extends MemberList<M> {
  protected kind(value: unknown): readonly [string, boolean] {
    return ['module', value instanceof Module];
  }
}
