import { glu } from '../../ops/elementwise/glu.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/** y = a·sigmoid(b), a and b the halves of x along an axis, which must have an even length. @see torch.nn.GLU */
export class GLU extends Layer {
  constructor(readonly axis = -1) {
    super();
    checkArguments('new nn.GLU(axis?=-1)', axis);
  }

  protected compute(x: Tensor): Tensor {
    return glu(x, this.axis);
  }

  protected override extraRepr(): string {
    return `axis=${this.axis}`;
  }
}
