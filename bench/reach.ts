/** How long it takes to tell the 10,000 test digits of MNIST right, from the files to the model: lanewise and PyTorch. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as LanewiseNode from '../src/node.js';
import { Client } from './client.js';
import { lanewiseCommand, peerCommand, root } from './contenders.js';
import { writeInputs } from './inputFiles.js';
import { makeParameters, type InputArray, type Inputs } from './inputs.js';
import { labelOf } from './measure.js';
import { lenet5, mlp, smallCnn } from './networks.js';
import { table } from './report.js';
import { quartiles } from './statistics.js';
import type { Milestone, Recipe } from './work.js';

export const recipes: readonly Recipe[] = [
  { name: 'MLP 784-128-64-10 with batch normalisation', network: mlp([784, 128, 64, 10], true), batch: 100, optimizer: 'adam', maxLr: 0.01, epochs: 5 },
  { name: 'MLP 784-256-128-10 with batch normalisation', network: mlp([784, 256, 128, 10], true), batch: 100, optimizer: 'adam', maxLr: 0.01, epochs: 3 },
  { name: 'MLP 784-1024-512-10 with batch normalisation', network: mlp([784, 1024, 512, 10], true), batch: 100, optimizer: 'sgd', maxLr: 0.1, epochs: 3 },
  { name: 'CNN 1-4-4 with batch normalisation', network: smallCnn(true), batch: 64, optimizer: 'adam', maxLr: 0.02, epochs: 5 },
  { name: 'LeNet-5', network: lenet5, batch: 64, optimizer: 'adam', maxLr: 0.005, epochs: 5 },
];

/** Accuracies whose time is told. */
export const GOALS: readonly number[] = [0.98, 0.99];

export interface Reached {
  readonly recipe: string;
  readonly who: 'lanewise' | 'pytorch';
  readonly threads: number;
  /** The epochs of each run. */
  readonly runs: readonly (readonly Milestone[])[];
}

const PATIENCE = 1_200_000;

/** The digits and their classes, as PyTorch is given them; lanewise reads its own files. */
async function mnistInputs(): Promise<Inputs> {
  const { loadMnist } = await import(pathToFileURL(path.join(root, 'dist/node.js')).href) as typeof LanewiseNode;
  const { train, test } = await loadMnist({ subset: false });
  const array = (tensor: typeof train.x): InputArray => ({ shape: tensor.shape, data: tensor.data() });
  return { images: array(train.x), labels: array(train.y), testImages: array(test.x), testLabels: array(test.y) };
}

/**
 * Runs a recipe `rounds` times, everyone in turn, each time in a fresh process (an engine that has compiled everything
 * already would flatter the later runs) and with another order of the digits.
 */
export async function measureReach(recipe: Recipe, threadCounts: readonly number[], withPytorch: boolean, rounds: number): Promise<Reached[]> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-bench-'));
  try {
    const parameters = writeInputs(directory, makeParameters(recipe.network, seeds()));
    const digits = withPytorch ? writeInputs(directory, await mnistInputs()) : {};
    const racers = threadCounts.flatMap((threads) => [
      { who: 'lanewise' as const, threads, command: lanewiseCommand(threads, 'portable'), inputs: parameters, runs: [] as (readonly Milestone[])[] },
      ...(withPytorch ? [{ who: 'pytorch' as const, threads, command: peerCommand('pytorch', threads), inputs: { ...parameters, ...digits }, runs: [] as (readonly Milestone[])[] }] : []),
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
    return racers.map(({ who, threads, runs }) => ({ recipe: recipe.name, who, threads, runs }));
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

function seeds(): () => number {
  let seed = 0;
  return () => seed++;
}

/** Seconds until a run first stood at `goal`; null when it never did. */
export function secondsTo(goal: number, run: readonly Milestone[]): number | null {
  return run.find(({ accuracy }) => accuracy >= goal)?.seconds ?? null;
}

export function reachTable(reached: readonly Reached[]): string {
  const lines = reached.map(({ who, threads, runs }) => {
    const goals = GOALS.map((goal) => {
      const seconds = runs.map((run) => secondsTo(goal, run));
      const there = seconds.filter((time) => time !== null);
      if (there.length === 0) return 'not reached';
      return `${quartiles(there).median.toFixed(1)} s${there.length < runs.length ? ` (${there.length} of ${runs.length} runs)` : ''}`;
    });
    const last = runs.map((run) => run.at(-1)!);
    const median = (values: readonly number[]) => quartiles(values).median;
    return [labelOf({ who, threads, fast: false }), ...goals, `${median(last.map(({ seconds }) => seconds)).toFixed(1)} s`, `${(100 * median(last.map(({ accuracy }) => accuracy))).toFixed(2)} %`];
  });
  return `### ${reached[0]!.recipe}\n\n${table(['', ...GOALS.map((goal) => `to ${goal * 100} %`), 'whole run', 'test accuracy'], lines)}`;
}
