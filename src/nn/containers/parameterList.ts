import { checkArguments, refusal } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { formatShape } from '../../tensor/shape.js';
import { type Member, Module } from '../core/module.js';
import { Parameter } from '../core/parameter.js';

/**
 * A list of parameters that belongs to the module that holds it. (A plain array as a property does the same, with the
 * same keys: the list is for those who look for PyTorch's name.)
 *
 * @see torch.nn.ParameterList
 * @example
 * class Bases extends nn.Module {
 *   bases = new nn.ParameterList([new nn.Parameter(ones([3])), new nn.Parameter(zeros([3]))]);
 *   forward(x: Tensor): Tensor {
 *     return [...this.bases].reduce((y, basis) => y.add(basis), x);
 *   }
 * }
 * new Bases().namedParameters().map(([key]) => key);   // ['bases.0', 'bases.1']
 */
export class ParameterList extends Module<[], never> implements Iterable<Parameter> {
  readonly #parameters: Parameter[] = [];

  constructor(parameters: Iterable<Parameter> = []) {
    super();
    checkArguments('new nn.ParameterList(parameters?=layers)', parameters);
    for (const parameter of parameters) this.append(parameter);
  }

  /** @throws {ArgumentError} always: it is a list */
  forward(): never {
    throw new ArgumentError('a list of parameters has no forward', { where: 'ParameterList' });
  }

  protected override members(): readonly Member[] {
    return this.#parameters.map((parameter, i) => [String(i), parameter]);
  }

  get length(): number {
    return this.#parameters.length;
  }

  /** The parameters, in order. */
  [Symbol.iterator](): Iterator<Parameter> {
    return this.#parameters.values();
  }

  /** The parameter at a position; −1 is the last. Undefined where there is none. */
  at(position: number): Parameter | undefined {
    checkArguments('list.at(position=-1)', position);
    return this.#parameters.at(position);
  }

  /** Adds a parameter at the end. */
  append(parameter: Parameter): this {
    if (!(parameter instanceof Parameter))
      throw refusal('ParameterList', `parameter ${this.length}`, 'a Parameter', parameter);
    this.#parameters.push(parameter);
    return this;
  }

  protected override extraRepr(): string {
    return this.#parameters.map(({ shape }) => formatShape(shape)).join(', ');
  }
}
