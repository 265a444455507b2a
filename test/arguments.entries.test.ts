/**
 * What test/arguments.test.ts does not reach: the other entry points, methods of modules, optimizers and loaders, and
 * values that are seldom passed (NaN, BigInt, symbols, arrays with holes). Whatever is wrong throws, or rejects with, a
 * LanewiseError; what is refused changes nothing.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as browserFormats from '../src/formats/index.js';
import * as formats from '../src/formats/node/index.js';
import * as images from '../src/images/index.js';
import * as lanewise from '../src/index.js';
import { init, LanewiseError, nn, optim, Tensor, tensor, zeros } from '../src/index.js';
import * as node from '../src/node/index.js';
import * as onnx from '../src/onnx/index.js';
import * as recipes from '../src/recipes/index.js';
import * as browserTables from '../src/tables/index.js';
import * as tables from '../src/tables/node/index.js';
import * as worker from '../src/worker/index.js';

type Call = () => readonly unknown[];
type Anything = (...values: unknown[]) => unknown;

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-arguments-'));
const at = (name: string): string => path.join(directory, name);
beforeAll(async () => {
  await init();
  fs.writeFileSync(at('w.safetensors'), lanewise.encodeSafetensors({ w: vector() }));
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

const vector = () => tensor([1, 2]);
const matrix = () => tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
const ids = () => tensor([0, 1], { dtype: 'int32' });
const layer = () => new nn.Linear(2, 2);
const dataset = () => new lanewise.TensorDataset(matrix(), ids());
const sgd = () => new optim.SGD([tensor([1, 2], { requiresGrad: true })], { lr: 0.1 });
const settings = () => recipes.resolveTrainSettings({ model: 'mlp', hidden: [4] });
const task = { inputShape: [1, 28, 28], classes: 10 };
const gzip = zlib.gzipSync('hello');
const { lr } = recipes.TRAIN_OPTIONS;
const scaler = {
  inputs: [{ name: 'a', kind: 'number', mean: 0, std: 1 }],
  target: { name: 'b', kind: 'number', mean: 0, std: 1 },
  categories: 'onehot',
  missing: 'error',
  missingValues: [''],
};

const FUNCTIONS: Record<string, readonly [object, Record<string, Call>]> = {
  lanewise: [
    lanewise,
    {
      manualSeed: () => [1],
      setGeneratorState: () => [{ seed: 1, draws: { init: 2 } }],
      digest: () => [{ w: vector() }],
      decodeSafetensors: () => [lanewise.encodeSafetensors({ w: vector() })],
      gunzip: () => [gzip, { limit: 100 }],
      isGzip: () => [gzip],
      fillNormal: () => [vector(), 0, 1, 'init'],
      fillUniform: () => [vector(), 0, 1, 'init'],
      confusionMatrix: () => [matrix(), ids()],
      clamp: () => [vector(), { min: 0 }],
    },
  ],
  nn: [nn, { observeForward: () => [() => {}] }],
  'lanewise/node': [
    node,
    {
      gunzipSync: () => [gzip, { limit: 100 }],
      loadDataset: () => ['mnist-subset', {}],
      loadImageFolder: () => [path.join(import.meta.dirname, '../examples/shapes'), { shape: [1, 4, 4], workers: 0 }],
      loadRunData: () => [recipes.resolveTrainSettings({ dataset: 'mnist-subset' })],
      loadModel: () => [at('w.safetensors'), { model: 'mlp' }],
      makeDirectory: () => [at('made')],
      readImage: () => [path.join(import.meta.dirname, 'images/files/grey.png')],
      readRegularFile: () => [at('w.safetensors'), {}],
      readWeights: () => [at('w.safetensors')],
      removeUnfinished: () => [directory, ['x']],
      writeFileAtomic: () => [at('written'), 'text'],
    },
  ],
  'lanewise/recipes': [
    recipes,
    {
      buildLoader: () => [settings(), dataset(), []],
      buildModel: () => [settings(), task],
      buildOptimizer: () => [settings(), [tensor([1], { requiresGrad: true })]],
      buildScheduler: () => [settings(), sgd(), 3],
      buildTransforms: () => [settings(), { mean: [0.5], std: [0.5] }],
      checkOption: () => ['lr', lr, 0.1],
      nearest: () => ['a', ['b']],
      optimizerDefaults: () => ['sgd'],
      parseOption: () => ['lr', lr, '0.1'],
      resolveSettings: () => [recipes.TRAIN_OPTIONS, { lr: 1 }],
      resolveTrainSettings: () => [{ lr: 1 }],
    },
  ],
  'lanewise/formats': [
    formats,
    {
      decode: () => [formats.encode({ w: vector() }, 'pt'), {}],
      encode: () => [{ w: vector() }, 'npz'],
      load: () => [formats.encode({ w: vector() }, 'pt'), {}],
      save: () => [{ w: vector() }, at('x.npz')],
    },
  ],
  'lanewise/formats in a browser': [browserFormats, { load: () => [formats.encode({ w: vector() }, 'pt'), {}] }],
  'lanewise/images': [
    images,
    {
      decodeImage: () => [fs.readFileSync(path.join(import.meta.dirname, 'images/files/grey.png')), 'grey.png'],
      imagesFromFiles: () => [
        [new File([fs.readFileSync(path.join(import.meta.dirname, 'images/files/grey.png'))], 'a/grey.png')],
        { shape: [1, 4, 4], validation: 0 },
      ],
      fitImage: () => [
        { width: 1, height: 1, data: [0], channels: 1 },
        { shape: [1, 2, 2], fit: 'fill', background: 0 },
      ],
    },
  ],
  'lanewise/onnx': [
    onnx,
    { exportOnnx: () => [layer(), zeros([1, 2]), {}], importOnnx: () => [new Uint8Array(3), {}] },
  ],
  'lanewise/tables': [
    tables,
    {
      loadTable: () => ['a,b\n1,2\n', { target: 'b' }],
      encodeTable: () => ['a,b\n1,2\n', scaler, {}],
      unscale: () => [scaler.target, [1]],
    },
  ],
  'lanewise/tables in a browser': [
    browserTables,
    { loadTable: () => ['a,b\n1,2\n', {}], encodeTable: () => ['a,b\n1,2\n', scaler, {}] },
  ],
  'lanewise/worker': [
    worker,
    {
      serveTraining: () => [() => {}],
      trainInWorker: () => [{ model: 'mlp' }, { data: { mnist: '/nowhere/' } }],
    },
  ],
};

const METHODS: Record<string, readonly [make: () => object, Record<string, Call>]> = {
  Tensor: [matrix, { item: () => [0, 0], data: () => ['float32'], requireGrad: () => [true] }],
  Module: [
    layer,
    {
      train: () => [true],
      requireGrad: () => [true],
      apply: () => [() => {}],
      loadStateDict: () => [layer().stateDict(), { strict: true }],
      summary: () => [[2], {}],
    },
  ],
  BatchNorm2d: [() => new nn.BatchNorm2d(2), { forward: () => [zeros([1, 2, 2, 2])] }],
  Sequential: [() => new nn.Sequential(layer()), { at: () => [0], append: () => [layer()], forward: () => [matrix()] }],
  ModuleList: [() => new nn.ModuleList([layer()]), { at: () => [0], append: () => [layer()] }],
  Optimizer: [sgd, { addParamGroup: () => [{ params: [vector()] }], loadStateDict: () => [sgd().stateDict()] }],
  Scheduler: [
    () => new optim.StepLR(sgd(), { stepSize: 1 }),
    { loadStateDict: () => [new optim.StepLR(sgd(), { stepSize: 1 }).stateDict()] },
  ],
  DataLoader: [() => new lanewise.DataLoader(dataset(), { batchSize: 1 }), { from: () => [0, 0] }],
  ConfusionMatrix: [() => new lanewise.ConfusionMatrix(2), { add: () => [matrix(), ids()] }],
};

/** Never right in place of anything of the tables. */
const never: readonly (readonly [string, () => unknown])[] = [
  ['a symbol', () => Symbol('x')],
  ['a BigInt', () => 1n],
  ['NaN', () => NaN],
  ['a Map', () => new Map()],
  ['an object without prototype, with a name of no option', () => Object.assign(Object.create(null), { misspelt: 1 })],
  ['a Proxy of an array of texts', () => new Proxy(['a'], {})],
  ['an array of symbols', () => [Symbol('x')]],
  ['an array with a hole', () => new Array(1)],
  [
    'a freed tensor',
    () => {
      const x = vector();
      x.dispose();
      return x;
    },
  ],
];

/** What is accepted, with the reason. */
const ACCEPTED: Record<string, string> = {
  'encode 1': 'a .pt file holds numbers and texts; what it cannot hold is refused by tests of its own',
  'save 1': 'as encode',
  'nearest 2': 'an array of texts',
  'removeUnfinished 2': 'names of files that are kept',
};

async function outcomes(name: string, run: Anything, call: Call): Promise<string[]> {
  const found: string[] = [];
  const count = call().length;
  const place = (index: number, kind: string) => `${name} ${index + 1} = ${kind}`;
  for (let index = 0; index < count; index++) {
    for (const [kind, make] of never) {
      const values = [...call()];
      values[index] = make();
      try {
        await run(...values);
        if (!(`${name} ${index + 1}` in ACCEPTED)) found.push(`${place(index, kind)} is accepted`);
      } catch (error) {
        if (!(error instanceof LanewiseError)) found.push(`${place(index, kind)} throws ${String(error)}`);
      }
    }
  }
  return found;
}

describe.each(Object.entries(FUNCTIONS))('%s', (_, [space, table]) => {
  test.each(Object.entries(table))('%s', async (name, call) => {
    expect(await outcomes(name, (space as Record<string, Anything>)[name]!, call)).toEqual([]);
  });
});

describe.each(Object.entries(METHODS))('methods of %s', (_, [make, table]) => {
  test.each(Object.entries(table))('%s', async (name, call) => {
    const run: Anything = (...values) => (make() as Record<string, Anything>)[name]!(...values);
    expect(await outcomes(name, run, call)).toEqual([]);
  });
});

describe('what is refused changes nothing', () => {
  test('the state of the generator', () => {
    lanewise.manualSeed(7);
    lanewise.rand([2]);
    const before = lanewise.generatorState();
    for (const state of [undefined, {}, { seed: 2 ** 32, draws: {} }, { seed: 1, draws: { init: -1 } }])
      expect(() => lanewise.setGeneratorState(state as never)).toThrow(lanewise.ArgumentError);
    expect(lanewise.generatorState()).toEqual(before);
  });

  test('parameters, when one of the values to load was freed or has no shape', () => {
    const model = layer();
    const before = model.weight.toArray();
    const freed = zeros([2]);
    freed.dispose();
    for (const bias of [freed, 3, null, {}, { shape: [2] }, { shape: [2], data: [1, 2] }])
      expect(() => model.loadStateDict({ weight: zeros([2, 2]), bias } as never)).toThrow(LanewiseError);
    expect(model.weight.toArray()).toEqual(before);
  });

  test('the counts of a confusion matrix, when a label is not a class', () => {
    const confusion = new lanewise.ConfusionMatrix(2);
    expect(() => confusion.add(matrix(), tensor([0, 5], { dtype: 'int32' }))).toThrow(lanewise.RangeIndexError);
    expect(confusion.counts).toEqual([[0, 0], [0, 0]]); // biome-ignore format: a matrix
  });

  test('the memory behind a tensor, when the axes of permute have a hole', () => {
    const x = matrix();
    const next = ids();
    const axes = new Array(2);
    axes[1] = 1;
    expect(() => x.permute(axes as number[])).toThrow(lanewise.ArgumentError);
    expect(next.toArray()).toEqual([0, 1]);
    expect(x).toBeInstanceOf(Tensor);
  });

  test('settings that cannot be copied to a worker are refused at once', async () => {
    const settings = new Proxy({}, {});
    const run = worker.trainInWorker(settings as never, { data: { mnist: directory } });
    await expect(run).rejects.toThrow(/^trainInWorker: this cannot be copied to a worker/);
  });
});
