import { formatShape } from '../../tensor/shape.js';
import { Parameter } from '../core/parameter.js';
import { MemberList } from './memberList.js';

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
export class ParameterList extends MemberList<Parameter> {
  protected kind(value: unknown): readonly [string, boolean] {
    return ['Parameter', value instanceof Parameter];
  }

  protected override extraRepr(): string {
    return [...this].map(({ shape }) => formatShape(shape)).join(', ');
  }
}
