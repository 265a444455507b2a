import type { Tensor } from '../../tensor/tensor.js';
import { Module } from './module.js';
import type { Sizes } from './sizes.js';
import { named } from './watch.js';

/**
 * A module whose errors name it by its path in the model (`features.0`). Every layer of this library is one.
 *
 * A subclass defines `compute`; `forward` calls it. A plain {@link Module} defines `forward`, which nothing stands
 * around: its errors name the layers in it, but only a Layer, a container (`Sequential`, `Residual`) or `fit` names a
 * module for operations that it calls itself.
 *
 * @example
 * class Scale extends nn.Layer {
 *   weight = new nn.Parameter(ones([3]));
 *   protected compute(x: Tensor): Tensor {
 *     return x.mul(this.weight);
 *   }
 * }
 * class Model extends nn.Module {
 *   scale = new Scale();
 *   forward(x: Tensor): Tensor {
 *     return this.scale.forward(x);   // mul: … (in layer scale)
 *   }
 * }
 */
export abstract class Layer<
  In extends readonly unknown[] = [Tensor],
  Out = Tensor,
  S extends Sizes = Sizes,
> extends Module<In, Out, S> {
  override forward(...inputs: In): Out {
    try {
      return this.compute(...inputs);
    } catch (error) {
      throw named(error, this);
    }
  }

  /** Computes the output from the inputs, for `forward`. */
  protected abstract compute(...inputs: In): Out;
}

/** Calls `forward` of a module that may be no Layer; an error names it. */
export function runModule(module: Module, x: Tensor): Tensor {
  try {
    return module.forward(x);
  } catch (error) {
    throw named(error, module);
  }
}
