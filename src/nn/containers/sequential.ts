import { checkArguments, isRecord } from '../../runtime/arguments.js';
import { describe } from '../../runtime/describe.js';
import { ArgumentError } from '../../runtime/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { runStage, type Stage, stagesOf } from '../core/fuse.js';
import { Layer } from '../core/layer.js';
import { type Member, Module } from '../core/module.js';
import type { Chain, Fitting, InputSize, OutputSize } from '../core/sizes.js';

/** Layers in a row, or one object that has them by name. */
export type LayerRow = readonly Module[] | readonly [Readonly<Record<string, Module>>];

/**
 * Layers one after another: the output of each is the input of the next.
 *
 * Some neighbours are computed together, in one pass over memory: see docs/kernels.md.
 *
 * Keys are the positions (`0.weight`), or the names where layers are given by name.
 *
 * A layer that cannot take what the one before it gives is an error of the compiler where the sizes are literals, and
 * {@link InputSize} and {@link OutputSize} of the type are those of the model. (Not with names, whose order no type
 * knows.)
 *
 * @see torch.nn.Sequential
 * @example
 * new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
 * new nn.Sequential({ hidden: new nn.Linear(784, 128), relu: new nn.ReLU(), output: new nn.Linear(128, 10) });
 */
export class Sequential<Layers extends LayerRow = LayerRow>
  extends Layer<[Tensor], Tensor, Chain<Layers>>
  implements Iterable<Module>
{
  readonly #layers = new Map<string, Module>();
  /** The layers, neighbours that are computed together in one; null: not known since a layer was added. */
  #stages: readonly Stage[] | null = null;

  constructor(...layers: Fitting<Layers>) {
    super();
    const row = layers as LayerRow;
    const [first] = row;
    const named =
      row.length !== 1 || first instanceof Module || !isRecord(first)
        ? (row as readonly Module[]).map((layer, i) => [String(i), layer] as const)
        : Object.entries(first);
    for (const [name, layer] of named) this.#add(name, layer);
  }

  protected compute(x: Tensor): Tensor {
    let y = x;
    for (const stage of (this.#stages ??= stagesOf([...this.#layers.values()]))) y = runStage(stage, y);
    return y;
  }

  protected override members(): readonly Member[] {
    return [...this.#layers];
  }

  get length(): number {
    return this.#layers.size;
  }

  /** The layers, in order. */
  [Symbol.iterator](): Iterator<Module> {
    return this.#layers.values();
  }

  /** The layer at a position; −1 is the last. Undefined where there is none. */
  at(position: number): Module | undefined {
    checkArguments('model.at(position=-1)', position);
    return [...this.#layers.values()].at(position);
  }

  /** Adds a layer at the end; its name is its position. (The compiler knows no sizes of what is returned.) */
  append(layer: Module): Sequential {
    this.#add(String(this.#layers.size), layer);
    return this as Sequential;
  }

  #add(name: string, layer: Module): void {
    if (!(layer instanceof Module))
      throw new ArgumentError(`layer ${name} is not a module, but ${describe(layer)}`, {
        where: 'Sequential',
        hint: 'write new nn.ReLU() for relu: new nn.Sequential(new nn.Linear(784, 10), new nn.ReLU())',
      });
    if (this.#layers.has(name)) throw new ArgumentError(`there is a layer ${name} already`, { where: 'Sequential' });
    this.#layers.set(name, layer);
    this.#stages = null;
  }
}
