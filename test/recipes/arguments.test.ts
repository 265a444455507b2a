/** What JavaScript can get wrong when it calls lanewise/node, lanewise/recipes and lanewise/worker. */
import { describe, expect, test } from 'vitest';
import { DataLoader, LanewiseError, nn, optim, TensorDataset, zeros } from '../../src/index.js';
import * as node from '../../src/node/index.js';
import * as recipes from '../../src/recipes/index.js';
import * as worker from '../../src/worker/index.js';

const dataset = new TensorDataset(zeros([4, 1, 2, 2], { dtype: 'uint8' }), zeros([4], { dtype: 'int32' }));
const model = new nn.Linear(2, 2);
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
const settings = recipes.resolveTrainSettings({});
const images = { train: dataset, classes: ['a', 'b'], mean: [0.5], std: [0.5] };
const bytes = new Uint8Array(4);
const labelled = { images: bytes, labels: bytes };
const message = { state: bytes, weights: bytes, isBest: true, progress: { history: [] } };

/** A right call of each function; every argument but those marked is then replaced by what it cannot be. */
const CALLS: Readonly<Record<string, readonly unknown[]>> = {
  loadMnist: [{}],
  loadCifar10: [{}],
  loadFashionMnist: [{}],
  loadDataset: ['mnist', {}],
  gunzipSync: [bytes, { limit: 9 }],
  makeDirectory: ['a'],
  removeUnfinished: ['a', ['b']],
  writeFileAtomic: ['a', 'b'],
  takeLock: ['a'],
  loadModel: ['a', {}],
  readWeights: ['a'],
  readImage: ['a'],
  loadImageFolder: ['a', { shape: [1, 2, 2] }],
  loadEvaluationImages: ['a', { inputShape: [1, 2, 2], classNames: ['a'] }],
  readRegularFile: ['a', {}],
  checkLastBatch: [model, { loader: new DataLoader(dataset) }, {}],
  buildLoader: [settings, dataset, []],
  buildTransforms: [settings, images],
  buildModel: [settings, { inputShape: [1, 2, 2], classes: 2 }],
  buildOptimizer: [settings, model.parameters()],
  buildScheduler: [settings, optimizer, 3],
  optimizerDefaults: ['sgd'],
  prepareTraining: [settings, images, {}],
  lastingSettings: [settings, 0],
  loadRunData: [settings],
  measuresOf: [{ target: {} }],
  ownData: ['table'],
  sampleName: ['table'],
  describeTask: [
    {
      model: 'mlp',
      hidden: [8],
      channels: 4,
      dataset: 'mnist',
      inputShape: [1, 2, 2],
      classNames: ['a'],
      normalization: null,
    },
  ],
  taskIn: [{ file: 'a', metadata: {} }],
  modelOf: [{ file: 'a', tensors: {}, metadata: {} }, {}],
  resolveSettings: [recipes.TRAIN_OPTIONS, {}],
  resolveTrainSettings: [{}],
  idleSettings: [{}, settings],
  checkOption: ['lr', recipes.TRAIN_OPTIONS.lr],
  parseOption: ['lr', recipes.TRAIN_OPTIONS.lr, '1'],
  wordSettings: ['a', () => 'a'],
  SettingError: ['a', { reason: 'b' }],
  serveTraining: [() => 0],
  trainInWorker: [{}, { data: { mnist: 'a' } }],
  imageTraining: [{}, { train: labelled, shape: [1, 2, 2], classes: 2 }],
};

const exported: Readonly<Record<string, unknown>> = { ...node, ...recipes, ...worker };

/** What a call throws, or rejects with. */
async function failure(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

const isClass = (name: string): boolean => /^[A-Z]/.test(name);

async function expectRefusal(name: string, call: () => unknown): Promise<void> {
  const error = await failure(call);
  expect(error).toBeInstanceOf(LanewiseError);
  expect((error as Error).message).toContain(`${name}: `);
  expect((error as Error).message).toMatch(/\n {2}(as in .*\(|hint: did you mean)/);
}

/** Whether an argument may be left out or be null there. */
const MAY_BE_LEFT_OUT = /^(load|readRegular)/;

describe.each(Object.entries(CALLS))('%s', (name, right) => {
  const called = exported[name] as ((...given: unknown[]) => unknown) & (new (...given: unknown[]) => unknown);
  const call = (given: readonly unknown[]) => () => (isClass(name) ? new called(...given) : called(...given));
  const wrongKinds = [null, 17, Symbol('a'), true];

  test.each(right.map((_, at) => at))('refuses another kind of argument %i', async (at) => {
    for (const wrong of wrongKinds) {
      if (typeof right[at] === 'number' && wrong === 17) continue;
      await expectRefusal(name, call([...right.slice(0, at), wrong, ...right.slice(at + 1)]));
    }
  });

  if (!MAY_BE_LEFT_OUT.test(name) || right[0] === 'a')
    test('refuses to be called with nothing', () => expectRefusal(name, call([])));
});

test('every function of the three entry points is here, and the others are tested by name', () => {
  const others = ['nearest', 'mnistDirectory', 'RunDirectory', 'TrainingRun', 'LockedError'];
  const functions = Object.keys(exported).filter((name) => typeof exported[name] === 'function');
  expect(functions.filter((name) => !others.includes(name)).sort()).toEqual(Object.keys(CALLS).sort());
});

test.each([
  ['loadMnist', () => node.loadMnist({ subst: true } as never), 'subset'],
  ['readRegularFile', () => node.readRegularFile('a', { limits: 1 } as never), 'limit'],
  ['loadModel', () => node.loadModel('a', { modl: 'mlp' } as never), 'model'],
  ['prepareTraining', () => recipes.prepareTraining(settings, images, { validaton: 0.1 } as never), 'validation'],
  ['trainInWorker', () => worker.trainInWorker({}, { data: { mnist: 'a' }, thread: 1 } as never), 'threads'],
  ['imageTraining', () => worker.imageTraining({}, { mnst: 'a' } as never), 'mnist'],
])('%s says which option was meant', async (name, call, meant) => {
  const error = await failure(call);
  expect(error).toBeInstanceOf(LanewiseError);
  expect((error as Error).message).toMatch(
    new RegExp(`^${name}: there is no option \\w+\\n {2}hint: did you mean ${meant}`),
  );
});

test('RunDirectory names its methods and shows right calls', async () => {
  await expectRefusal('RunDirectory.create', () => node.RunDirectory.create(3 as never, {}));
  await expectRefusal('RunDirectory.open', () => node.RunDirectory.open(undefined as never));
  const { save } = node.RunDirectory.prototype;
  await expectRefusal('RunDirectory.save', () => save.call({} as never, { ...message, state: 'text' } as never));
  expect(() => node.RunDirectory.open(null as never)).toThrow('as in RunDirectory.open("runs/first")');
});

test('images that are no data set with images in memory are refused', async () => {
  const train = { length: 1, batch: () => [] };
  await expectRefusal('prepareTraining', () => recipes.prepareTraining(settings, { ...images, train } as never));
});
