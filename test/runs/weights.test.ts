/** Files of weights, read back into models. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CheckpointError, digest, encodeSafetensors, fit, scope, TensorDataset, tensor } from '../../src/index.js';
import { loadModel } from '../../src/node/index.js';
import { prepareTraining, resolveTrainSettings } from '../../src/recipes/index.js';

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-weights-'));
afterAll(() => fs.rmSync(directory, { recursive: true }));

/** Eight images of 8×8 in three classes. */
function images(): TensorDataset {
  const x = tensor(
    Uint8Array.from({ length: 512 }, (_, i) => (i * 37) % 251),
    { shape: [8, 1, 8, 8] },
  );
  return new TensorDataset(x, tensor(Int32Array.from([0, 1, 2, 0, 1, 2, 0, 1])));
}

/** Trains for an epoch and writes the weights, with what `change` makes of the header. */
async function trained(given: Record<string, unknown>, change: (task: Record<string, unknown>) => object = (t) => t) {
  const settings = resolveTrainSettings({ epochs: 1, batchSize: 4, ...given });
  const [train, test] = [images(), images()];
  const data = { train, test, classes: ['a', 'b', 'c'], mean: [0.4], std: [0.2] };
  const { model, fitOptions, dispose } = prepareTraining(settings, data);
  await fit(model, fitOptions);
  const file = path.join(directory, `${Object.values(given).join('-')}.safetensors`);
  const task = JSON.parse(fitOptions.metadata!.lanewise!) as Record<string, unknown>;
  fs.writeFileSync(file, encodeSafetensors(model.stateDict(), { lanewise: JSON.stringify(change(task)) }));
  const [weights, scores] = [digest(model.stateDict()), scope(() => [...model.eval().forward(probe()).data()])];
  dispose();
  return { file, weights, scores };
}

const probe = () =>
  tensor(
    Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)),
    { shape: [2, 1, 8, 8] },
  );

describe('loadModel', () => {
  test.each([
    { model: 'cnn-bn', channels: 3, normalize: true },
    { model: 'mlp', hidden: [6, 5], normalize: false },
  ])('gives the model that $model was, with what is done to its images', async (given) => {
    const { file, weights, scores } = await trained(given);
    const { model, task, transforms } = loadModel(file);
    expect(digest(model.stateDict())).toBe(weights);
    expect(scope(() => [...model.forward(probe()).data()])).toEqual(scores);
    const { normalize, ...settings } = given;
    expect(task).toMatchObject({ ...settings, classNames: ['a', 'b', 'c'], inputShape: [1, 8, 8] });
    expect(transforms.map(({ kind }) => kind)).toEqual(normalize ? ['normalize'] : []);
    model.dispose();
  });

  test('reads files of before channels was a setting', async () => {
    const { file } = await trained({ model: 'cnn' }, ({ channels: _, ...task }) => task);
    const { model, task } = loadModel(file);
    expect(task.channels).toBe(4);
    model.dispose();
  });

  test('refuses weights of another model by the name of the file', async () => {
    const { file } = await trained({ model: 'cnn', seed: 1 }, (task) => ({ ...task, model: 'mlp' }));
    expect(() => loadModel(file)).toThrow(CheckpointError);
    expect(() => loadModel(file)).toThrow(file);
    expect(() => loadModel(path.join(directory, 'none.safetensors'))).toThrow(CheckpointError);
  });
});
