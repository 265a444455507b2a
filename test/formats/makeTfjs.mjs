/**
 * Writes the fixtures of TensorFlow.js, with what it predicts for them:
 *
 *     npm ci --prefix bench/peers && node test/formats/makeTfjs.mjs
 *
 * fixtures/tfjs/NAME: model.json and weights as `model.save` lays them out, and expected.json with an input ([N,H,W,C])
 * and the output.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');
const peers = createRequire(path.join(process.env.PEERS ?? path.join(root, 'bench/peers'), 'package.json'));
const tf = await import(pathToFileURL(peers.resolve('@tensorflow/tfjs')).href);
await tf.setBackend('cpu');
const { layers } = tf;

/** Numbers in [-1, 1), always the same. */
let seed = 1;
const next = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 31 - 1;
};
const numbers = (shape) => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next), shape);

/** Options of batch normalisation under which every weight matters. */
const normalisation = (options = {}) => layers.batchNormalization({ momentum: 0.9, ...options });

const MODELS = {
  mlp: [
    layers.dense({ inputShape: [5], units: 4, activation: 'relu' }),
    layers.dropout({ rate: 0.25 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ],
  cnn: [
    layers.conv2d({ inputShape: [7, 6, 2], filters: 3, kernelSize: [3, 2], activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false }),
    normalisation(),
    layers.activation({ activation: 'tanh' }),
    layers.flatten(),
    layers.dense({ units: 3 }),
  ],
  'flatten-last': [
    layers.conv2d({ inputShape: [3, 4, 1], filters: 2, kernelSize: 2, activation: 'elu' }),
    layers.flatten(),
    layers.activation({ activation: 'sigmoid' }),
  ],
  'flatten-normalised': [
    layers.conv2d({ inputShape: [4, 4, 1], filters: 2, kernelSize: 2 }),
    layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    normalisation({ scale: false }),
    layers.reLU(),
    layers.dense({ units: 2, useBias: false }),
    normalisation({ center: false }),
    normalisation({ center: false, scale: false }),
  ],
  'same-strided': [
    layers.conv2d({ inputShape: [7, 8, 2], filters: 3, kernelSize: 4, strides: 2, padding: 'same' }),
    layers.leakyReLU({ alpha: 0.2 }),
    layers.conv2d({
      filters: 2,
      kernelSize: 3,
      strides: [1, 1],
      dilationRate: 2,
      padding: 'same',
      activation: 'swish',
    }),
    layers.maxPooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
    layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
    layers.flatten(),
    layers.dense({ units: 2, activation: 'softplus' }),
  ],
  'pools-same': [
    layers.averagePooling2d({ inputShape: [9, 10, 2], poolSize: 2, padding: 'same' }),
    layers.averagePooling2d({ poolSize: [3, 2], strides: [2, 2], padding: 'same' }),
    layers.maxPooling2d({ poolSize: [2, 1], strides: 1, padding: 'same' }),
    layers.averagePooling2d({ poolSize: [2, 4], strides: [2, 1], padding: 'same' }),
    layers.maxPooling2d({ poolSize: 2, strides: 3, padding: 'same' }),
  ],
  global: [
    layers.zeroPadding2d({
      inputShape: [4, 5, 2],
      padding: [
        [1, 0],
        [0, 2],
      ],
    }),
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, depthwiseInitializer: 'randomNormal' }),
    layers.reLU({ maxValue: 0.5 }),
    layers.globalAveragePooling2d({}),
    layers.elu(),
    layers.dense({ units: 3 }),
    layers.softmax(),
  ],
  'global-max': [
    layers.conv2d({ inputShape: [4, 5, 2], filters: 3, kernelSize: 2, activation: 'softmax' }),
    layers.globalMaxPooling2d({}),
  ],
  'any-size': [
    layers.conv2d({ inputShape: [null, null, 1], filters: 2, kernelSize: 3, padding: 'same', activation: 'relu6' }),
    layers.globalAveragePooling2d({}),
    layers.dense({ units: 2, activation: 'gelu' }),
  ],
  separable: [
    layers.separableConv2d({
      inputShape: [6, 7, 2],
      filters: 3,
      kernelSize: [3, 2],
      strides: 2,
      padding: 'same',
      activation: 'relu',
    }),
    normalisation(),
    layers.separableConv2d({ filters: 2, kernelSize: 2, useBias: false }),
    layers.flatten(),
    layers.dense({ units: 3, activation: 'softmax' }),
  ],
};

/** The size that a model of any size is run with. */
const ANY = 4;

for (const [name, list] of Object.entries(MODELS)) {
  tf.disposeVariables();
  const model = tf.sequential({ name, layers: list });
  for (const layer of model.layers)
    layer.setWeights(
      layer.weights.map(({ originalName, shape }) =>
        originalName.endsWith('moving_variance') ? numbers(shape).square().add(0.5) : numbers(shape),
      ),
    );
  const folder = path.join(import.meta.dirname, 'fixtures/tfjs', name);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy }) => {
      const all = new Uint8Array(weightData);
      // The first model has its weights in two files, as the converter cuts long ones.
      const cut = name === 'mlp' ? 50 : all.length;
      const parts =
        all.length === 0 ? [] : [all.subarray(0, cut), all.subarray(cut)].filter(({ length }) => length > 0);
      const paths = parts.map((_, i) =>
        parts.length === 1 ? 'weights.bin' : `group1-shard${i + 1}of${parts.length}.bin`,
      );
      parts.forEach((part, i) => fs.writeFileSync(path.join(folder, paths[i]), part));
      const weightsManifest = [{ paths, weights: weightSpecs }];
      fs.writeFileSync(
        path.join(folder, 'model.json'),
        JSON.stringify({ modelTopology, format, generatedBy, convertedBy, weightsManifest }),
      );
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const input = numbers([2, ...model.inputs[0].shape.slice(1).map((size) => size ?? ANY)]);
  const output = model.predict(input);
  const described = (tensor) => ({ shape: tensor.shape, data: Array.from(tensor.dataSync()) });
  fs.writeFileSync(
    path.join(folder, 'expected.json'),
    `${JSON.stringify({ input: described(input), output: described(output) })}\n`,
  );
}
