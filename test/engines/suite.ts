/**
 * What every engine has to compute to the same bits: the tables of operations, layers, optimizers and schedulers, and
 * 100 steps of four training runs. Built into one file without imports, so that it runs in processes, pages and
 * workers.
 */

import digits from 'digits';
import {
  crossEntropy,
  DataLoader,
  digest,
  init,
  MNIST,
  manualSeed,
  models,
  nn,
  optim,
  randn,
  scope,
  stopThreads,
  type Tensor,
  TensorDataset,
  tensor,
  transforms,
} from '../../src/index.js';
import { FORK_ABOVE } from '../../src/runtime/fork.js';
import { runtime } from '../../src/runtime/runtime.js';
import { layers } from '../cases/layers.js';
import { make, optimizers, setGradients, start } from '../cases/optimizers.js';
import * as schedulers from '../cases/schedulers.js';
import { cases } from '../cases.js';
import type { Case } from '../support/case.js';
import { draw, tensorsOf, wantsGradient } from '../support/inputs.js';
import { uniform } from '../support/random.js';

/** Beginnings of digests of named tensors, in the order in which they were computed. */
export type Digests = readonly (readonly [tensor: string, digest: string])[];

export interface Report {
  readonly threads: number;
  readonly threadsReason?: string;
  readonly variant: string;
  /** By family and name of the case. */
  readonly cases: Readonly<Record<string, Digests>>;
  readonly runs: Readonly<Record<string, RunReport>>;
}

export interface RunReport {
  /** `digest(model.stateDict())` after the last step. */
  readonly digest: string;
  /** After each step: the loss, then parameters and buffers. */
  readonly steps: readonly Digests[];
}

const STEPS = 100;

/** What the suite is run with. */
export interface Order {
  readonly threads: number;
  /** Address of the wide kernels, where they are to be used. */
  readonly wide?: string;
}

/** Computes everything, on so many threads. */
export async function run({ threads, wide }: Order): Promise<Report> {
  const kernels = wide === undefined ? {} : { wasm: wide, wide: true };
  const { threads: had, threadsReason, variant } = await init({ threads, oversubscribe: true, ...kernels });
  // The cases are small: with threads, every kernel is split whatever its size.
  if (had > 1) runtime.forkAbove = 0;
  const computed = allCases();
  runtime.forkAbove = FORK_ABOVE;
  const runs: Record<string, RunReport> = {};
  for (const [name, recipe] of Object.entries(recipes)) runs[name] = train(recipe);
  stopThreads();
  return { threads: had, ...(threadsReason === undefined ? {} : { threadsReason }), variant, cases: computed, runs };
}

const short = (x: Tensor) => digest({ x }).slice(0, 8);

// ---- Cases ----

function allCases(): Record<string, Digests> {
  const computed: Record<string, Digests> = {};
  const add = (name: string, compute: () => Digests): void => {
    if (name in computed) throw new Error(`two cases have the name ${name}`);
    manualSeed(1);
    try {
      computed[name] = scope(compute);
    } catch (cause) {
      throw new Error(`${name}: ${String(cause)}`, { cause });
    }
  };
  for (const [family, rows] of Object.entries(cases))
    for (const row of rows) add(`${family}: ${row.name}`, () => operation(row));
  for (const row of layers) add(`layer: ${row.text.replaceAll(/\s+/g, ' ')} of [${row.input}]`, () => layer(row));
  for (const [kind, options] of optimizers)
    add(`optimizer: ${kind} ${JSON.stringify(options)}`, () => optimizer(kind, options));
  for (const [name, row] of Object.entries(schedulers.kinds)) add(`scheduler: ${name}`, () => scheduler(row.build));
  return computed;
}

/** The value of an operation and the gradients of its inputs. */
function operation(row: Case): Digests {
  const random = uniform(row.name.length * 7919 + 17);
  const inputs = tensorsOf(
    row,
    row.inputs.map((input) => draw(input, random)),
  );
  const differentiable = row.noGradient ? [] : inputs.filter((_, i) => wantsGradient(row.inputs[i]!));
  for (const input of differentiable) input.requireGrad();
  const y = row.run(...inputs);
  if (differentiable.length > 0)
    y.backward({
      gradient: tensor(
        Float32Array.from({ length: y.size }, () => random() * 2 - 1),
        { shape: y.shape },
      ),
    });
  const computed: Digests = [
    ['value', short(y)],
    ...inputs.flatMap((input, i) =>
      input.grad === null ? [] : [[`gradient of input ${i}`, short(input.grad)] as const],
    ),
  ];
  for (const input of differentiable) input.zeroGrad();
  return computed;
}

/** The output of a layer, the gradients of its input and parameters, and its state thereafter. */
function layer({ make: build, input, output }: (typeof layers)[number]): Digests {
  const module = build();
  const x = randn(input).requireGrad();
  const y = module.forward(x);
  y.backward({ gradient: randn(output) });
  const computed: Digests = [
    ['value', short(y)],
    ['gradient of the input', short(x.grad!)],
    ...module.namedParameters().map(([name, { grad }]) => [`gradient of ${name}`, short(grad!)] as const),
    ...Object.entries(module.stateDict()).map(([name, value]) => [name, short(value)] as const),
  ];
  x.zeroGrad();
  module.zeroGrad();
  module.dispose();
  return computed;
}

/** Parameters after 1, 2 and 20 steps. */
function optimizer(kind: (typeof optimizers)[number][0], options: object): Digests {
  const random = uniform(5);
  const params = start(random);
  const made = make(kind, params as never, options);
  const computed: (readonly [string, string])[] = [];
  for (let step = 1; step <= 20; step++) {
    setGradients(params, random);
    made.step();
    if (step < 3 || step === 20)
      params.forEach((param, i) => computed.push([`parameter ${i} after step ${step}`, short(param)]));
  }
  made.zeroGrad();
  made.dispose();
  return computed;
}

/** The learning rates of 12 steps, to the last bit of the doubles. */
function scheduler(build: (optimizer: optim.Optimizer) => optim.Scheduler): Digests {
  const optimizer = schedulers.make();
  const made = build(optimizer);
  return Array.from({ length: 12 }, (_, epoch) => {
    const rates = Uint8Array.from(optimizer.paramGroups.flatMap(({ lr }) => doubleBytes(lr)));
    made.step(schedulers.loss(epoch));
    return [`rates of epoch ${epoch}`, short(tensor(rates))] as const;
  });
}

function doubleBytes(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  return Array.from({ length: 8 }, (_, i) => view.getUint8(i));
}

// ---- Training runs ----

interface Recipe {
  readonly batchSize: number;
  readonly augment?: readonly transforms.Transform[];
  readonly model: () => nn.Sequential;
  readonly optimizer: (model: nn.Sequential) => optim.Optimizer;
  readonly scheduler?: (optimizer: optim.Optimizer) => optim.Scheduler;
}

const recipes: Record<string, Recipe> = {
  'mlp-bn': {
    batchSize: 32,
    model: () => models.mlp({ hidden: [256, 100], batchNorm: true }),
    optimizer: (model) => new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9 }),
  },
  'cnn-bn': {
    batchSize: 32,
    augment: [transforms.randomCrop({ padding: 2 })],
    model: () => {
      const stage = (from: number) => [
        new nn.Conv2d(from, 4, 3, { padding: 1 }),
        new nn.BatchNorm2d(4),
        new nn.ReLU(),
        new nn.AvgPool2d(2),
      ];
      return new nn.Sequential(
        ...stage(1),
        ...stage(4),
        new nn.Flatten(),
        new nn.Dropout(0.25),
        new nn.Linear(4 * 7 * 7, 10),
      );
    },
    optimizer: (model) => new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9, weightDecay: 1e-4 }),
  },
  lenet5: {
    batchSize: 32,
    model: () => models.lenet5(),
    optimizer: (model) => new optim.Adam(model.parameters(), { lr: 0.002 }),
    scheduler: (optimizer) => new optim.CosineAnnealingLR(optimizer, { tMax: STEPS }),
  },
  'mini-resnet': {
    batchSize: 8,
    model: () => models.miniResNet(),
    optimizer: (model) => new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9, nesterov: true }),
  },
};

/** The digits that the script embedded: one byte of class and 784 pixels each. */
function dataset(): TensorDataset {
  const count = digits.length / 785;
  const pixels = new Uint8Array(count * 784);
  const classes = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    classes[i] = digits[785 * i]!;
    pixels.set(digits.subarray(785 * i + 1, 785 * (i + 1)), 784 * i);
  }
  return new TensorDataset(tensor(pixels, { shape: [count, 1, 28, 28] }), tensor(classes), { classes: MNIST.classes });
}

function train(recipe: Recipe): RunReport {
  return scope(() => {
    manualSeed(1);
    const model = recipe.model();
    const optimizer = recipe.optimizer(model);
    const scheduler = recipe.scheduler?.(optimizer);
    const { mean, std } = MNIST;
    const loader = new DataLoader(dataset(), {
      batchSize: recipe.batchSize,
      shuffle: true,
      dropLast: true,
      transforms: [...(recipe.augment ?? []), transforms.normalize({ mean, std })],
    });
    const steps: Digests[] = [];
    for (let epoch = 0; steps.length < STEPS; epoch++) {
      for (const [x, y] of loader.from(epoch)) {
        optimizer.zeroGrad();
        const loss = crossEntropy(model.forward(x), y);
        loss.backward();
        optimizer.step();
        scheduler?.step();
        steps.push([
          ['loss', short(loss)],
          ...Object.entries(model.stateDict()).map(([name, value]) => [name, short(value)] as const),
        ]);
        if (steps.length === STEPS) break;
      }
    }
    const result = digest(model.stateDict());
    optimizer.zeroGrad();
    optimizer.dispose();
    model.dispose();
    return { digest: result, steps };
  });
}
