import { checkArguments, refusal } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { type AnyModule, type Member, Module } from '../core/module.js';

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
export class ModuleList<M extends AnyModule = Module> extends Module<[], never> implements Iterable<M> {
  readonly #modules: M[] = [];

  constructor(modules: Iterable<M> = []) {
    super();
    checkArguments('new nn.ModuleList(modules?=layers)', modules);
    for (const module of modules) this.append(module);
  }

  /** @throws {ArgumentError} always: call the modules in it */
  forward(): never {
    throw new ArgumentError('a list of modules has no forward of its own', {
      where: 'ModuleList',
      hint: 'call the modules in it one by one, or use nn.Sequential',
    });
  }

  protected override members(): readonly Member[] {
    return this.#modules.map((module, i) => [String(i), module]);
  }

  get length(): number {
    return this.#modules.length;
  }

  /** The modules, in order. */
  [Symbol.iterator](): Iterator<M> {
    return this.#modules.values();
  }

  /** The module at a position; −1 is the last. Undefined where there is none. */
  at(position: number): M | undefined {
    checkArguments('list.at(position=-1)', position);
    return this.#modules.at(position);
  }

  /** Adds a module at the end. */
  append(module: M): this {
    if (!(module instanceof Module)) throw refusal('ModuleList', `module ${this.length}`, 'a module', module);
    this.#modules.push(module);
    return this;
  }
}
