import { prelu } from '../../ops/elementwise/prelu.js';
import { checkArguments } from '../../runtime/arguments.js';
import { empty } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { Parameter } from '../core/parameter.js';
import type { Keeps } from '../core/sizes.js';
import * as init from '../init.js';

/** The slopes of a PReLU. */
export interface PReLUOptions {
  /** One slope for all (1), or one for each channel on axis 1. Default: 1. */
  readonly numParameters?: number;
  /** What the slopes begin at. Default: 0.25. */
  readonly init?: number;
}

/**
 * A rectifier that learns its slope below zero.
 *
 * y = x where x > 0, else weight·x; with several slopes, that of the channel
 *
 * Shapes: x any, or [N,C,…] with C = numParameters · weight [numParameters] → as x
 * Init:   weight = init
 * @throws {ShapeError} in `forward`, when there are several slopes and axis 1 of x has another length
 * @see torch.nn.PReLU; He et al. 2015, arXiv 1502.01852
 */
export class PReLU extends Layer<[Tensor], Tensor, Keeps> {
  weight: Parameter;
  readonly numParameters: number;
  readonly init: number;

  constructor(options: PReLUOptions = {}) {
    super();
    checkArguments('new nn.PReLU({ numParameters: 1, init: 0.25 })', options);
    const { numParameters = 1, init: initial = 0.25 } = options;
    this.numParameters = numParameters;
    this.init = initial;
    this.weight = new Parameter(empty([numParameters]));
    this.resetParameters();
  }

  /** Sets the slopes back to `init`. */
  resetParameters(): void {
    init.constant(this.weight, this.init);
  }

  protected compute(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }

  protected override extraRepr(): string {
    return `numParameters=${this.numParameters}`;
  }
}
