/**
 * How long it takes to tell the 10,000 test digits of MNIST right, from the files to the model: lanewise and PyTorch.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as LanewiseNode from '../src/node/index.js';
import { Client } from './client.js';
import { lanewiseCommand, peerCommand, root } from './contenders.js';
import { writeInputs } from './inputFiles.js';
import { type InputArray, type Inputs, makeParameters } from './inputs.js';
import { labelOf } from './measure.js';
import { fastCnn, lenet5, mlp, smallCnn } from './networks.js';
import { table } from './report.js';
import { quartiles } from './statistics.js';
import type { Milestone, Network, Recipe } from './work.js';

/**
 * The recipe of the report that `lanewise experiment bn-race` reproduces; its epochs took 13 to 15 s, whatever the
 * network.
 */
const race = (name: string, network: Network, epoch: number, accuracy: number): Recipe => ({
  name: `race: ${name}`,
  network,
  batch: 100,
  optimizer: 'sgd',
  lr: 0.01,
  oneCycle: false,
  epochs: 50,
  until: 0.98,
  published: { epoch, secondsPerEpoch: [13, 15], accuracy },
});

export const recipes: readonly Recipe[] = [
  race('MLP 784-128-64-10 with batch normalisation', mlp([784, 128, 64, 10], true), 3, 0.983),
  race('MLP 784-128-64-10', mlp([784, 128, 64, 10]), 5, 0.9827),
  race('CNN 1-4-4 with batch normalisation', smallCnn(true), 9, 0.9851),
  race('CNN 1-4-4', smallCnn(), 10, 0.9846),
  // As `lanewise experiment lenet-optimizers` has it: its report's best, which tells no times.
  {
    name: 'race: LeNet-5',
    network: lenet5,
    batch: 64,
    optimizer: 'adam',
    lr: 0.0005,
    oneCycle: false,
    epochs: 20,
    until: 0.99,
    published: { epoch: 20, accuracy: 0.9907 },
  },
  {
    name: 'MLP 784-128-64-10 with batch normalisation',
    network: mlp([784, 128, 64, 10], true),
    batch: 100,
    optimizer: 'adam',
    lr: 0.01,
    oneCycle: true,
    epochs: 5,
  },
  {
    name: 'MLP 784-256-128-10 with batch normalisation',
    network: mlp([784, 256, 128, 10], true),
    batch: 100,
    optimizer: 'adam',
    lr: 0.01,
    oneCycle: true,
    epochs: 3,
  },
  {
    name: 'MLP 784-1024-512-10 with batch normalisation',
    network: mlp([784, 1024, 512, 10], true),
    batch: 100,
    optimizer: 'sgd',
    lr: 0.1,
    oneCycle: true,
    epochs: 3,
  },
  {
    name: 'CNN 1-4-4 with batch normalisation',
    network: smallCnn(true),
    batch: 64,
    optimizer: 'adam',
    lr: 0.02,
    oneCycle: true,
    epochs: 5,
  },
  { name: 'LeNet-5', network: lenet5, batch: 64, optimizer: 'adam', lr: 0.005, oneCycle: true, epochs: 5 },
  // `lanewise train --recipe mnist99`.
  {
    name: 'CNN 24-32-256 with batch normalisation, one epoch',
    network: fastCnn(true),
    labelSmoothing: 0.1,
    batch: 256,
    optimizer: 'adam',
    lr: 0.01,
    betas: [0.7, 0.9],
    oneCycle: true,
    standardise: true,
    epochs: 1,
  },
];

/** Accuracies whose time is told. */
export const GOALS: readonly number[] = [0.98, 0.99];

export interface Reached {
  readonly recipe: Recipe;
  readonly who: 'lanewise' | 'pytorch';
  readonly threads: number;
  /** The epochs of each run. */
  readonly runs: readonly (readonly Milestone[])[];
}

const PATIENCE = 1_200_000;

/** The digits and their classes, as PyTorch is given them; lanewise reads its own files. */
async function mnistInputs(): Promise<Inputs> {
  const { loadMnist } = (await import(pathToFileURL(path.join(root, 'dist/node.js')).href)) as typeof LanewiseNode;
  const { train, test } = await loadMnist({ subset: false });
  const array = (tensor: typeof train.x): InputArray => ({ shape: tensor.shape, data: tensor.data() });
  return { images: array(train.x), labels: array(train.y), testImages: array(test.x), testLabels: array(test.y) };
}

/**
 * Runs a recipe `rounds` times, everyone in turn, each time in a fresh process (an engine that has compiled everything
 * already would flatter the later runs) and with another order of the digits.
 */
export async function measureReach(
  recipe: Recipe,
  threadCounts: readonly number[],
  withPytorch: boolean,
  rounds: number,
): Promise<Reached[]> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-bench-'));
  try {
    const parameters = writeInputs(directory, makeParameters(recipe.network, seeds()));
    const digits = withPytorch ? writeInputs(directory, await mnistInputs()) : {};
    const racers = threadCounts.flatMap((threads) => [
      {
        who: 'lanewise' as const,
        threads,
        command: lanewiseCommand(threads, 'portable'),
        inputs: parameters,
        runs: [] as (readonly Milestone[])[],
      },
      ...(withPytorch
        ? [
            {
              who: 'pytorch' as const,
              threads,
              command: peerCommand('pytorch', threads),
              inputs: { ...parameters, ...digits },
              runs: [] as (readonly Milestone[])[],
            },
          ]
        : []),
    ]);
    for (let seed = 0; seed < rounds; seed++) {
      for (const { command, inputs, runs } of racers) {
        const client = new Client(command);
        try {
          await client.ask({ do: 'hello' }, PATIENCE);
          runs.push((await client.ask({ do: 'reach', recipe, inputs, seed }, PATIENCE)).epochs);
        } finally {
          client.stop();
        }
      }
    }
    return racers.map(({ who, threads, runs }) => ({ recipe, who, threads, runs }));
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

function seeds(): () => number {
  let seed = 0;
  return () => seed++;
}

/** The first epoch of a run (from 1) whose accuracy was above `goal`, and when it ended; null when none was. */
export function firstPast(
  goal: number,
  run: readonly Milestone[],
): { readonly epoch: number; readonly seconds: number } | null {
  const at = run.findIndex(({ accuracy }) => accuracy > goal);
  return at < 0 ? null : { epoch: at + 1, seconds: run[at]!.seconds };
}

export function reachTable(reached: readonly Reached[]): string {
  const { recipe } = reached[0]!;
  const lines = reached.map(({ who, threads, runs }) => {
    const goals = GOALS.map((goal) => {
      const there = runs.map((run) => firstPast(goal, run)).filter((first) => first !== null);
      if (there.length === 0) return recipe.until !== undefined && recipe.until < goal ? '–' : 'not reached';
      const about = [
        `epoch ${median(there.map(({ epoch }) => epoch))}`,
        ...(there.length < runs.length ? [`${there.length} of ${runs.length} runs`] : []),
      ];
      return `${median(there.map(({ seconds }) => seconds)).toFixed(1)} s (${about.join(', ')})`;
    });
    const last = runs.map((run) => run.at(-1)!);
    return [
      labelOf({ who, threads, fast: false }),
      ...goals,
      `${median(last.map(({ seconds }) => seconds)).toFixed(1)} s`,
      `${(100 * median(last.map(({ accuracy }) => accuracy))).toFixed(2)} %`,
    ];
  });
  const head = ['', ...GOALS.map((goal) => `to ${goal * 100} %`), 'whole run', 'test accuracy'];
  return `### ${recipe.name}\n\n${table(head, [...publishedLine(recipe), ...lines])}`;
}

const median = (values: readonly number[]): number => quartiles(values).median;

function publishedLine({ published, until }: Recipe): string[][] {
  if (published === undefined) return [];
  const { epoch, secondsPerEpoch, accuracy } = published;
  const time =
    secondsPerEpoch === undefined
      ? `within ${epoch} epochs`
      : `${secondsPerEpoch.map((seconds) => epoch * seconds).join(' to ')} s (epoch ${epoch})`;
  return [
    [
      'the report',
      ...GOALS.map((goal) => (goal === until ? time : '–')),
      '–',
      `${(100 * accuracy).toFixed(2)} %, at its end`,
    ],
  ];
}
