/** How the cost of lanewise grows: with the batch, the width, the depth, the threads and the data set. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from './client.js';
import { lanewiseCommand } from './contenders.js';
import { writeInputs } from './inputFiles.js';
import { type Digits, makeInputs } from './inputs.js';
import type { Effort } from './measure.js';
import { lenet5, mlp } from './networks.js';
import { table } from './report.js';
import { fittedExponent, type Quartiles, quartiles } from './statistics.js';
import type { Network, Work } from './work.js';

/** One table: the same work at growing sizes. */
export interface Axis {
  readonly name: string;
  /** What is timed, in words. */
  readonly what: string;
  readonly sizes: readonly number[];
  work(size: number): Work;
  /** Threads at that size, where they are what grows. */
  threads?(size: number): number;
}

export interface Growth {
  readonly name: string;
  readonly what: string;
  readonly points: readonly (Quartiles & { readonly size: number })[];
  /** e of the power law time = c·sizeᵉ that fits best. */
  readonly exponent: number;
}

const step = (network: Network, batch = 100): Work => ({
  kind: 'train',
  network,
  batch,
  samples: 'mnist',
  optimizer: 'sgd',
});
const W2 = mlp([784, 128, 64, 10]);

export const axes: readonly Axis[] = [
  {
    name: 'batch, MLP',
    what: 'a step of the MLP 784-128-64-10',
    sizes: [1, 4, 16, 64, 256, 1024],
    work: (size) => step(W2, size),
  },
  {
    name: 'batch, LeNet-5',
    what: 'a step of LeNet-5',
    sizes: [1, 4, 16, 64, 256, 1024],
    work: (size) => step(lenet5, size),
  },
  {
    name: 'width',
    what: 'a step of the MLP 784-w-w-10, batch 100',
    sizes: [64, 128, 256, 512, 1024, 2048, 4096],
    work: (size) => step(mlp([784, size, size, 10])),
  },
  {
    name: 'depth',
    what: 'a step of an MLP of so many linear layers of width 128 with batch normalisation, batch 100',
    sizes: [2, 4, 8, 16, 32, 64],
    work: (size) => step(mlp([784, ...Array.from({ length: size - 1 }, () => 128), 10], true)),
  },
  {
    name: 'threads',
    what: 'a step of the MLP 784-1024-512-10, batch 100',
    sizes: threadCounts(),
    work: () => step(mlp([784, 1024, 512, 10])),
    threads: (size) => size,
  },
  {
    name: 'data set',
    what: 'an epoch of the MLP 784-128-64-10 over so many digits, batch 100, all included',
    sizes: [1_000, 4_000, 15_000, 30_000, 60_000],
    work: (size) => ({ kind: 'epoch', network: W2, batch: 100, count: size, optimizer: 'sgd' }),
  },
];

/** 1, 2, 4, … and the number of cores. */
function threadCounts(): number[] {
  const cores = os.availableParallelism();
  const powers = Array.from({ length: Math.floor(Math.log2(cores)) + 1 }, (_, i) => 2 ** i);
  return [...new Set([...powers, cores])];
}

const PATIENCE = 120_000;

/** Times all sizes of an axis in interleaved rounds, each in a process of its own. */
export async function measureGrowth(
  axis: Axis,
  threads: number,
  effort: Effort,
  digits: () => Promise<Digits>,
): Promise<Growth> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-bench-'));
  const runners = axis.sizes.map((size) => ({
    size,
    client: new Client(lanewiseCommand(axis.threads?.(size) ?? threads, 'portable')),
    samples: [] as number[],
  }));
  try {
    for (const { size, client } of runners) {
      const work = axis.work(size);
      const inputs = writeInputs(directory, await makeInputs(work, digits));
      await client.ask({ do: 'open', work, inputs, probe: {}, warmUpMs: effort.warmUpMs }, PATIENCE);
    }
    for (let round = 0; round < effort.rounds; round++) {
      for (const { client, samples } of runners)
        samples.push(...(await client.ask({ do: 'time', ms: effort.roundMs }, PATIENCE)).samplesMs);
    }
    const points = runners.map(({ size, samples }) => ({ size, ...quartiles(samples) }));
    return {
      name: axis.name,
      what: axis.what,
      points,
      exponent: fittedExponent(points.map(({ size, median }) => [size, median])),
    };
  } finally {
    for (const { client } of runners) client.stop();
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

const significant = (value: number) => Number(value.toPrecision(3)).toString();

export function growthTable({ name, what, points, exponent }: Growth): string {
  const lines = points.map(({ size, p25, median, p75 }, i) => {
    const before = points[i - 1];
    const local =
      before === undefined
        ? ''
        : fittedExponent([
            [before.size, before.median],
            [size, median],
          ]).toFixed(2);
    return [
      String(size),
      `${significant(median)} (${significant(p25)} to ${significant(p75)})`,
      significant(median / size),
      local,
    ];
  });
  const fitted = points.length < 2 ? '' : `\n\nFitted: time ∝ size^${exponent.toFixed(2)}.`;
  return (
    `### Growth with ${name}\n\nTime ` +
    `of ${what}.\n\n` +
    table([name.split(',')[0]!, 'ms (quartiles)', 'ms ÷ size', 'exponent from the row above'], lines) +
    fitted
  );
}
