import { checkArguments, refusal } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { type AnyModule, type Member, Module } from '../core/module.js';

/**
 * Modules by name that belong to the module that holds it; it runs none of them by itself. Otherwise it is used as a
 * Map. Keys of the state dict have the names as they are.
 *
 * @see torch.nn.ModuleDict
 * @example
 * class Heads extends nn.Module {
 *   heads = new nn.ModuleDict({ digit: new nn.Linear(4, 10), parity: new nn.Linear(4, 2) });
 *   forward(x: Tensor): Tensor {
 *     return this.heads.get('parity').forward(x);
 *   }
 * }
 * new Heads().namedParameters().map(([key]) => key).slice(0, 2);   // ['heads.digit.weight', 'heads.digit.bias']
 */
export class ModuleDict<Modules extends Readonly<Record<string, AnyModule>> = Record<string, Module>>
  extends Module<[], never>
  implements Iterable<[string, AnyModule]>
{
  readonly #modules = new Map<string, AnyModule>();

  constructor(modules: Modules = {} as Modules) {
    super();
    checkArguments('new nn.ModuleDict(modules?={ ... })', modules);
    for (const [name, module] of Object.entries(modules)) this.set(name, module);
  }

  /** @throws {ArgumentError} always: call the modules in it */
  forward(): never {
    throw new ArgumentError('a dictionary of modules has no forward of its own', {
      where: 'ModuleDict',
      hint: 'call the modules in it',
    });
  }

  protected override members(): readonly Member[] {
    return [...this.#modules];
  }

  get size(): number {
    return this.#modules.size;
  }

  /** Names and modules, in the order in which they were set. */
  [Symbol.iterator](): Iterator<[string, AnyModule]> {
    return this.#modules.entries();
  }

  /** The names, in order. */
  keys(): string[] {
    return [...this.#modules.keys()];
  }

  has(name: string): boolean {
    return this.#modules.has(name);
  }

  /** @throws {ArgumentError} when there is no module of this name */
  get<Name extends keyof Modules>(name: Name): Modules[Name] {
    const module = this.#modules.get(name as string);
    if (module === undefined)
      throw new ArgumentError(`there is no module ${String(name)}`, {
        where: 'ModuleDict',
        hint: `the names are ${this.keys().join(', ')}`,
      });
    return module as Modules[Name];
  }

  /** Adds a module, or replaces that of this name. */
  set(name: string, module: AnyModule): this {
    if (!(module instanceof Module)) throw refusal('ModuleDict', `module ${String(name)}`, 'a module', module);
    if (typeof name !== 'string' || !/^[^.]+$/.test(name))
      throw refusal('ModuleDict', 'name', 'a text without dots', name);
    this.#modules.set(name, module);
    return this;
  }
}
