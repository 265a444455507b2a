/** A model that grows layer by layer. */
import type { StoredTensor } from '../../io/safetensors.js';
import * as nn from '../../nn/index.js';
import { FileFormatError } from '../../runtime/errors.js';
import { formatShape } from '../../tensor/shape.js';
import type { LayerConfig } from './config.js';
import type { Extent } from './geometry.js';
import { FlattenChannelsLast } from './modules.js';

/** What goes from one layer to the next: vectors, or images. */
export type Activations =
  | { readonly features: number }
  | { readonly channels: number; readonly height: Extent; readonly width: Extent };

/** Where the elements of a flattened image are: there by [height, width, channel], here by [channel, height, width]. */
interface Order {
  readonly channels: number;
  readonly pixels: number;
}

/** A model as it is being made. */
export class ModelBuilder {
  readonly #modules: nn.Module[] = [];
  readonly #state = Object.create(null) as Record<string, StoredTensor>;
  readonly #used = new Set<string>();
  /** While vectors are flattened images whose order differs from TensorFlow's. */
  #order: Order | undefined;
  #shape: Activations | undefined;

  constructor(
    readonly file: string,
    private readonly weights: ReadonlyMap<string, StoredTensor>,
  ) {}

  /** What the layer at hand takes. */
  shapeFor(layer: LayerConfig): Activations {
    return this.#shape ?? layer.refuse('comes first, but does not state the shape of the input');
  }

  /** The images that the layer at hand takes. */
  imagesFor(layer: LayerConfig): Extract<Activations, { channels: number }> {
    const shape = this.shapeFor(layer);
    return 'channels' in shape ? shape : layer.refuse('takes images, but gets vectors');
  }

  setShape(shape: Activations): void {
    this.#shape = shape;
  }

  /** Adds a module, with its parameters and buffers by name. */
  add(module: nn.Module, state: Readonly<Record<string, StoredTensor>> = {}): void {
    for (const [name, value] of Object.entries(state)) this.#state[`${this.#modules.length}.${name}`] = value;
    this.#modules.push(module);
  }

  /** A weight of a layer. @throws {FileFormatError} when it is missing or has another shape */
  weight(layer: LayerConfig, name: string, shape: readonly number[]): StoredTensor {
    const own = `${layer.name}/${name}`;
    const found = this.weights.has(own) ? [own] : [...this.weights.keys()].filter((key) => key.endsWith(`/${own}`));
    if (found.length !== 1) layer.refuse(`has ${found.length} weights of the name ${JSON.stringify(own)}`);
    const stored = this.weights.get(found[0]!)!;
    if (stored.dtype !== 'float32' || formatShape(stored.shape) !== formatShape(shape))
      layer.refuse(`needs ${name} of shape ${formatShape(shape)}, not ${stored.dtype} ${formatShape(stored.shape)}`);
    this.#used.add(found[0]!);
    return stored;
  }

  /** Joins the axes of images; `reordered` says whether a layer that follows can take them in another order. */
  flatten(layer: LayerConfig, reordered: boolean): void {
    const shape = this.shapeFor(layer);
    if ('features' in shape) return; // They are vectors already.
    const { channels, height, width } = shape;
    if (height === null || width === null) return layer.refuse('joins images whose size the model does not state');
    const pixels = height * width;
    const differs = channels > 1 && pixels > 1;
    this.add(differs && !reordered ? new FlattenChannelsLast() : new nn.Flatten());
    if (differs && reordered) this.#order = { channels, pixels };
    this.setShape({ features: channels * pixels });
  }

  /** Ends the order of a flattened image: the layer at hand has taken it in. */
  takeOrder(): (position: number) => number {
    const place = this.place;
    this.#order = undefined;
    return place;
  }

  /** Where TensorFlow has the element that is here at a position. */
  get place(): (position: number) => number {
    const order = this.#order;
    if (order === undefined) return (position) => position;
    return (position) => (position % order.pixels) * order.channels + Math.floor(position / order.pixels);
  }

  /** The finished model. @throws {FileFormatError} when a weight belongs to no layer */
  finish(): { model: nn.Sequential; state: Record<string, StoredTensor> } {
    const unused = [...this.weights.keys()].filter((name) => !this.#used.has(name));
    if (unused.length > 0)
      throw new FileFormatError(`the weight ${JSON.stringify(unused[0])} belongs to no layer`, { file: this.file });
    const model = new nn.Sequential(...this.#modules);
    model.loadStateDict(this.#state);
    return { model, state: this.#state };
  }
}
