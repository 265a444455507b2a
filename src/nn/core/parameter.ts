import { checkArguments } from '../../runtime/arguments.js';
import { Tensor } from '../../tensor/tensor.js';
import { storageOf } from './storage.js';

/** What kind of parameter is made. */
export interface ParameterOptions {
  /** Whether it is trained. Default: true. */
  readonly requiresGrad?: boolean;
}

/**
 * A tensor that a module learns: it requires a gradient, and outlives scopes. A module that has one as a property
 * lists it in `parameters()` and `stateDict()`.
 *
 * It takes over the elements of `source`, which is disposed: `new nn.Parameter(zeros([3]))`.
 */
export class Parameter extends Tensor {
  constructor(source: Tensor, options: ParameterOptions = {}) {
    checkArguments('new nn.Parameter(x, { requiresGrad: true })', source, options);
    super(source.shape, source.dtype, storageOf(source));
    source.free('new Parameter(tensor), which took it over');
    this.keep();
    this.requireGrad(options.requiresGrad ?? true);
  }
}
