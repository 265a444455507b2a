/** Makes a module of the layers of a TensorFlow.js model: channels first, weights in PyTorch's layouts. */
import type { StoredTensor } from '../../io/safetensors.js';
import type { Sequential } from '../../nn/containers/sequential.js';
import { FileFormatError } from '../../runtime/errors.js';
import { generatorState, setGeneratorState } from '../../runtime/generator.js';
import { type Activations, ModelBuilder } from './builder.js';
import type { LayerConfig } from './config.js';
import type { Extent } from './geometry.js';
import { LAYERS } from './layers.js';

/** What `buildModel` gives. */
export interface BuiltModel {
  readonly model: Sequential;
  readonly state: Record<string, StoredTensor>;
  /** Of one sample: [channels, height, width], or the number of features. Null where it is open. */
  readonly inputShape: readonly Extent[];
}

/**
 * @throws {FileFormatError} that lists the layers that are not read; or when settings or weights do not fit together
 */
export function buildModel(
  layers: readonly LayerConfig[],
  weights: ReadonlyMap<string, StoredTensor>,
  file: string,
): BuiltModel {
  const unknown = layers.filter(({ className }) => !Object.hasOwn(LAYERS, className));
  if (unknown.length > 0) {
    const list = unknown.map(({ name, className }) => `${JSON.stringify(name)} (${className})`).slice(0, 8);
    throw new FileFormatError(
      `these of its layers are not read: ${list.join(', ')}${unknown.length > 8 ? ', …' : ''}`,
      {
        file,
        hint: `those of ${Object.keys(LAYERS).join(', ')} are`,
      },
    );
  }
  // Modules draw initial values, which the weights replace: the program's random numbers shall not notice.
  const random = generatorState();
  try {
    const builder = new ModelBuilder(file, weights);
    const inputShape = inputOf(layers, file);
    builder.setShape(inputShape);
    layers.forEach((layer, i) => LAYERS[layer.className]!(layer, builder, layers.slice(i + 1)));
    const shape = 'features' in inputShape ? [inputShape.features] : Object.values(inputShape);
    return { ...builder.finish(), inputShape: shape };
  } finally {
    setGeneratorState(random);
  }
}

/** What the first layer says of the input: [batch, features] or [batch, height, width, channels]. */
function inputOf(layers: readonly LayerConfig[], file: string): Activations {
  const [first] = layers;
  if (first === undefined) throw new FileFormatError('its topology has no layers', { file });
  const stated = first.get('batch_input_shape') ?? first.get('batch_shape');
  const sizes = Array.isArray(stated) ? (stated as unknown[]).slice(1) : [];
  const isExtent = (size: unknown) => size === null || (Number.isSafeInteger(size) && (size as number) >= 1);
  const last = sizes.at(-1);
  if (typeof last === 'number' && sizes.every(isExtent)) {
    if (sizes.length === 1) return { features: last };
    if (sizes.length === 3) return { channels: last, height: sizes[0] as Extent, width: sizes[1] as Extent };
  }
  return first.refuse(
    `has the input shape ${String(JSON.stringify(stated)).slice(0, 60)}; vectors and images are read`,
  );
}
