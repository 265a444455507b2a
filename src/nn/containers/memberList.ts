import { checkArguments, refusal } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { type Member, Module } from '../core/module.js';

/** A list of modules or parameters, whose keys are their positions. */
export abstract class MemberList<T extends Member[1]> extends Module<[], never> implements Iterable<T> {
  readonly #items: T[] = [];

  constructor(items: Iterable<T> = []) {
    super();
    checkArguments(`new nn.${this.constructor.name}(items?=layers)`, items);
    for (const item of items) this.append(item);
  }

  /** What the list is of: a name, and whether a value is one. */
  protected abstract kind(value: unknown): readonly [name: string, holds: boolean];

  /** @throws {ArgumentError} always: it is a list */
  forward(): never {
    throw new ArgumentError('a list has no forward of its own', {
      where: this.constructor.name,
      hint: 'use what is in it one by one, or nn.Sequential',
    });
  }

  protected override members(): readonly Member[] {
    return this.#items.map((item, i) => [String(i), item]);
  }

  get length(): number {
    return this.#items.length;
  }

  /** What is in it, in order. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items.values();
  }

  /** What is at a position; −1 is the last. Undefined where there is nothing. */
  at(position: number): T | undefined {
    checkArguments('list.at(position=-1)', position);
    return this.#items.at(position);
  }

  /** Adds one at the end. */
  append(item: T): this {
    const [name, holds] = this.kind(item);
    if (!holds) throw refusal(this.constructor.name, `${name} ${this.length}`, `a ${name}`, item);
    this.#items.push(item);
    return this;
  }
}
