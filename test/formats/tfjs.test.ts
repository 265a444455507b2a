/** Models that TensorFlow.js saved (makeTfjs.mjs) predict the same here; others are refused with a reason. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type LoadedLayersModel, load } from '../../src/formats/node/index.js';
import {
  crossEntropy,
  FileFormatError,
  generatorState,
  init,
  optim,
  permute,
  type Tensor,
  tensor,
} from '../../src/index.js';
import { FIXTURES } from './expected.js';

await init({ threads: 1 });

const FOLDER = path.join(FIXTURES, 'tfjs');
const names = fs.readdirSync(FOLDER);

interface Values {
  readonly shape: number[];
  readonly data: number[];
}
interface Model {
  modelTopology: { class_name: string; config: { layers: { class_name: string; config: Record<string, unknown> }[] } };
  weightsManifest: { paths: string[]; weights: Record<string, unknown>[] }[];
  format: string;
}

const json = (name: string, file: string): unknown =>
  JSON.parse(fs.readFileSync(path.join(FOLDER, name, file), 'utf8'));

/** Images with the channels first; vectors as they are. */
const channelsFirst = ({ shape, data }: Values): Tensor => {
  const x = tensor(data, { shape });
  return shape.length === 4 ? permute(x, [0, 3, 1, 2]) : x;
};

const loadModel = async (name: string) => (await load(path.join(FOLDER, name, 'model.json'))) as LoadedLayersModel;

function expectClose(got: Tensor, wanted: Values): void {
  const want = channelsFirst(wanted);
  expect(got.shape).toEqual(want.shape);
  const [a, b] = [got.data(), want.data()];
  const largest = Array.from(b).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let i = 0; i < b.length; i++) expect(Math.abs(a[i]! - b[i]!)).toBeLessThanOrEqual(2e-6 * largest);
}

describe('models of TensorFlow.js', () => {
  test.each(names)('%s predicts the same', async (name) => {
    const { input, output } = json(name, 'expected.json') as { input: Values; output: Values };
    const { model, tensors, inputShape, format } = await loadModel(name);
    expect(format).toBe('tfjs-layers');
    const x = channelsFirst(input);
    expectClose(model.forward(x), output);
    expect(inputShape.length).toBe(x.rank - 1);
    inputShape.forEach((size, axis) => expect([null, x.shape[axis + 1]]).toContain(size));
    expect(Object.keys(tensors)).toEqual(Object.keys(model.stateDict()));
  });

  test('a loaded model learns, and its random numbers are those of the program', async () => {
    const before = generatorState();
    const { model } = await loadModel('mlp');
    expect(generatorState()).toEqual(before);
    const { input } = json('mlp', 'expected.json') as { input: Values };
    const optimizer = new optim.SGD(model.train().parameters(), { lr: 0.5 });
    const target = tensor(Int32Array.of(0, 1));
    const losses = Array.from({ length: 20 }, () => {
      optimizer.zeroGrad();
      const loss = crossEntropy(model.forward(channelsFirst(input)), target);
      loss.backward();
      optimizer.step();
      return loss.item();
    });
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });

  test('what normalisation without a scale or a shift lacks is not trained', async () => {
    const { model } = await loadModel('flatten-normalised');
    const frozen = model.namedParameters().filter(([, { requiresGrad }]) => !requiresGrad);
    expect(frozen.map(([name]) => name)).toEqual(['3.weight', '6.bias']);
  });

  test('files that the user chose', async () => {
    const read = (file: string) => new Uint8Array(fs.readFileSync(path.join(FOLDER, 'mlp', file)));
    const files = Object.fromEntries(
      ['group1-shard1of2.bin', 'group1-shard2of2.bin'].map((file) => [file, new Blob([read(file)])]),
    );
    const { model } = (await load(read('model.json'), { files })) as LoadedLayersModel;
    expect(model.toString()).toContain('(2): Dropout(p=0.25)');
    await expect(load(read('model.json'))).rejects.toThrow('file needs the file "group1-shard1of2.bin"');
  });
});

/** The model `cnn`, changed, with its weights. */
async function changed(change: (model: Model) => void, name = 'cnn'): Promise<LoadedLayersModel> {
  const model = json(name, 'model.json') as Model;
  change(model);
  const files = Object.fromEntries(
    fs.readdirSync(path.join(FOLDER, name)).map((file) => [file, fs.readFileSync(path.join(FOLDER, name, file))]),
  );
  const bytes = new TextEncoder().encode(JSON.stringify(model));
  return (await load(bytes, { files, name: 'model.json' })) as LoadedLayersModel;
}
const layer = (model: Model, i: number) => model.modelTopology.config.layers[i]!;

describe('other layouts', () => {
  test('the topology of the converter: below model_config, with an InputLayer, weights by the name', async () => {
    const { model } = await changed((given) => {
      const input = { class_name: 'InputLayer', config: { name: 'in', batch_input_shape: [null, 7, 6, 2] } };
      const { batch_input_shape: _, ...config } = layer(given, 0).config;
      given.modelTopology.config.layers[0]!.config = config;
      const layers = [input, ...given.modelTopology.config.layers];
      const nested = { class_name: 'Sequential', config: layers };
      Object.assign(given, {
        modelTopology: { model_config: { class_name: 'Sequential', config: { name: 's', layers: [nested] } } },
      });
      for (const weight of given.weightsManifest[0]!.weights) weight.name = `sequential/${String(weight.name)}`;
    });
    const { input, output } = json('cnn', 'expected.json') as { input: Values; output: Values };
    expectClose(model.forward(channelsFirst(input)), output);
  });

  test('quantised weights', async () => {
    const model = {
      format: 'layers-model',
      modelTopology: {
        class_name: 'Sequential',
        config: { layers: [{ class_name: 'Dense', config: { name: 'd', units: 2, batch_input_shape: [null, 1] } }] },
      },
      weightsManifest: [
        {
          paths: ['w.bin'],
          weights: [
            {
              name: 'd/kernel',
              shape: [1, 2],
              dtype: 'float32',
              quantization: { dtype: 'uint8', scale: 0.5, min: -3 },
            },
            { name: 'd/bias', shape: [2], dtype: 'float32', quantization: { dtype: 'float16' } },
          ],
        },
      ],
    };
    const files = { 'w.bin': Uint8Array.of(0, 10, 0x00, 0x3c, 0x00, 0xc0) };
    const { tensors } = await load(new TextEncoder().encode(JSON.stringify(model)), { files });
    expect(tensors['0.weight']!.data).toEqual(Float32Array.of(-3, 2));
    expect(tensors['0.bias']!.data).toEqual(Float32Array.of(1, -2));
  });
});

describe('what is refused', () => {
  const config = (i: number, values: object) => (model: Model) => Object.assign(layer(model, i).config, values);
  const weight = (i: number, values: object) => (model: Model) =>
    Object.assign(model.weightsManifest[0]!.weights[i]!, values);

  test.each<[string, (model: Model) => void, string]>([
    [
      'layers that are not read, all of them at once',
      (model) => {
        layer(model, 1).class_name = 'LSTM';
        layer(model, 4).class_name = 'constructor';
      },
      'these of its layers are not read: "max_pooling2d_MaxPooling2D1" (LSTM), "activation_Activation1" (constructor)',
    ],
    ['a functional model', (model) => (model.modelTopology.class_name = 'Model'), 'it is a model of the class "Model"'],
    ['a graph model', (model) => (model.format = 'graph-model'), 'it is a graph model of TensorFlow.js'],
    ['no topology', (model) => (model.modelTopology = null as never), 'its topology is not that of a layers model'],
    ['no layers', (model) => (model.modelTopology.config.layers = []), 'its topology has no layers'],
    ['no manifest', (model) => (model.weightsManifest = null as never), 'it has no weightsManifest'],
    ['an activation', config(0, { activation: 'mish' }), '(Conv2D) has the activation "mish", which is not read'],
    ['channels first', config(0, { data_format: 'channels_first' }), 'does not have the channels last'],
    [
      'another number of filters',
      config(0, { filters: 4 }),
      'needs kernel of shape [3, 2, 2, 4], not float32 [3, 2, 2, 3]',
    ],
    ['10⁹ filters', config(0, { filters: 1e9 }), 'has filters 1000000000'],
    ['a stride of 0', config(0, { strides: [0, 1] }), 'has strides [0,1]'],
    ['a kernel that is a text', config(0, { kernel_size: 'big' }), 'has kernel_size "big"'],
    ['a kernel larger than the image', config(0, { dilation_rate: 9 }), 'has windows of 19 for an image of 7'],
    ['a padding', config(0, { padding: 'causal' }), 'has the padding "causal"'],
    ['sequences', config(0, { batch_input_shape: [null, 7, 6] }), 'has the input shape [null,7,6]'],
    ['no input shape', config(0, { batch_input_shape: undefined }), 'has the input shape undefined'],
    ['normalisation over rows', config(3, { axis: 1 }), 'has the axis 1; the last one is read'],
    ['a momentum of 2', config(3, { momentum: 2 }), 'has the momentum 2'],
    [
      'a rate of 1',
      (model) => Object.assign(layer(model, 4), { class_name: 'Dropout', config: { rate: 1 } }),
      'has the rate 1',
    ],
    ['no Flatten', (model) => model.modelTopology.config.layers.splice(5, 1), 'takes vectors, but gets images'],
    ['a missing weight', (model) => config(0, { name: 'other' })(model), 'has 0 weights of the name "other/kernel"'],
    [
      'a weight of no layer',
      (model) => model.modelTopology.config.layers.pop(),
      'the weight "dense_Dense3/kernel" belongs to no layer',
    ],
    ['a weight twice', weight(1, { name: 'conv2d_Conv2D1/kernel' }), 'is there twice'],
    ['a weight of texts', weight(0, { dtype: 'string' }), 'has elements of the type "string", which are not read'],
    ['a weight of the prototype', weight(0, { dtype: 'constructor' }), 'has elements of the type "constructor"'],
    ['a larger weight', weight(0, { shape: [1e6, 1e6] }), 'ends at byte 4000000000000 of the'],
    ['a negative size', weight(0, { shape: [-1] }), 'has a weight without a name or a shape'],
    ['fewer weights', (model) => model.weightsManifest[0]!.weights.pop(), 'bytes, but its weights only'],
    ['a file twice', (model) => model.weightsManifest[0]!.paths.push('weights.bin'), 'names a file twice, or none'],
    [
      'a file elsewhere',
      (model) => (model.weightsManifest[0]!.paths[0] = '../weights.bin'),
      'only files next to it or below',
    ],
    [
      'a file that is not there',
      (model) => (model.weightsManifest[0]!.paths[0] = 'other.bin'),
      'needs the file "other.bin"',
    ],
  ])('%s', async (_, change, message) => {
    await expect(changed(change)).rejects.toThrow(message);
    await expect(changed(change)).rejects.toThrow('model.json');
  });

  test('Sequential models in one another for ever', async () => {
    let nested: object = { class_name: 'Sequential', config: { layers: [] } };
    for (let i = 0; i < 1000; i++) nested = { class_name: 'Sequential', config: { layers: [nested] } };
    await expect(changed((model) => (model.modelTopology = nested as never))).rejects.toThrow(FileFormatError);
  });
});
