/**
 * Neighbouring layers of a `Sequential` that are computed in one pass over memory.
 *
 * A layer opts in by methods of its own class (inherited ones do not count, as a subclass may compute something else):
 *
 * - `withRelu` computes the layer and a ReLU behind it;
 * - `fuseWith` says how the layer and the stage before it are computed together, if they can be.
 *
 * A `Sequential` asks them once, when its list of layers has changed. A layer whose `forward` was replaced, or is
 * observed, is computed by itself.
 */
import type { Tensor } from '../../tensor/tensor.js';
import { Layer, runModule } from './layer.js';
import type { Module } from './module.js';
import { named } from './watch.js';

/** A layer, or neighbours that are computed together: from the input of the first to the output of the last. */
export interface Stage {
  readonly layers: readonly Module[];
  readonly run: (x: Tensor) => Tensor;
  /** `run` with a ReLU behind, at no cost; undefined where there is no such way. */
  readonly withRelu?: ((x: Tensor) => Tensor) | undefined;
}

/** A stage without the list of its layers, which `stagesOf` adds. */
export type Fused = Omit<Stage, 'layers'>;

/** What a layer defines that can be computed together with a ReLU behind it. */
export interface EndsInRelu {
  withRelu(x: Tensor): Tensor;
}

/** What a layer defines that can be computed together with the layers before it. */
export interface FusesBefore {
  /** @returns undefined where they cannot be computed together */
  fuseWith(before: Stage): Fused | undefined;
}

/** Whether the class of a layer itself defines this method. */
export function defines<T extends object>(layer: object, method: keyof T): layer is T {
  return Object.hasOwn(Object.getPrototypeOf(layer), method);
}

/** The layers, in as few stages as they allow. */
export function stagesOf(layers: readonly Module[]): Stage[] {
  const stages: Stage[] = [];
  for (const layer of layers) {
    const before = stages.at(-1);
    const fused = before !== undefined && defines<FusesBefore>(layer, 'fuseWith') ? layer.fuseWith(before) : undefined;
    if (fused !== undefined) stages[stages.length - 1] = { ...fused, layers: [...before!.layers, layer] };
    else {
      const withRelu = defines<EndsInRelu>(layer, 'withRelu') ? (x: Tensor) => layer.withRelu(x) : undefined;
      stages.push({ layers: [layer], run: (x) => layer.forward(x), withRelu });
    }
  }
  return stages;
}

/** Runs the layers one after the other where `forward` of one was replaced or is observed. */
export function runStage({ layers, run }: Stage, x: Tensor): Tensor {
  if (layers.length > 1 && !layers.every(keepsForward)) return layers.reduce((y, layer) => runModule(layer, y), x);
  try {
    return run(x);
  } catch (error) {
    throw named(error, layers[0]!);
  }
}

const keepsForward = (layer: Module): boolean => layer.forward === Layer.prototype.forward;
