import { flatten } from '../../ops/movement/reshape.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import type { Flattens, Sizes } from '../core/sizes.js';

/**
 * Joins the axes from `startAxis` to `endAxis` into one: by default all but the batch. Copies nothing.
 *
 * Shapes: x [N,…] → [N,M]
 * @see torch.nn.Flatten
 */
export class Flatten<
  Axes extends readonly [startAxis?: number, endAxis?: number] = readonly [startAxis?: number, endAxis?: number],
> extends Layer<[Tensor], Tensor, Axes extends readonly [] ? Flattens : Sizes> {
  readonly startAxis: number;
  readonly endAxis: number;

  constructor(...[startAxis = 1, endAxis = -1]: Axes) {
    super();
    checkArguments('new nn.Flatten(startAxis?=-3, endAxis?=-1)', startAxis, endAxis);
    this.startAxis = startAxis;
    this.endAxis = endAxis;
  }

  protected compute(x: Tensor): Tensor {
    return flatten(x, { startAxis: this.startAxis, endAxis: this.endAxis });
  }

  protected override extraRepr(): string {
    return `startAxis=${this.startAxis}, endAxis=${this.endAxis}`;
  }
}
