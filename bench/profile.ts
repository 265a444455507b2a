/** Where the time of a case goes, kernel by kernel, and how much memory it takes: lanewise on one thread. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from './client.js';
import { lanewiseCommand } from './contenders.js';
import { writeInputs } from './inputFiles.js';
import { type Digits, makeInputs } from './inputs.js';
import type { Effort } from './measure.js';
import { neededBytes } from './networks.js';
import { table } from './report.js';
import type { Case } from './work.js';

export interface CaseProfile {
  readonly name: string;
  /** Time of one run, the clocks' own included. */
  readonly runMs: number;
  /** In one run. */
  readonly kernels: readonly { readonly name: string; readonly calls: number; readonly ms: number }[];
  /** Time outside all kernels, in percent. */
  readonly overheadPercent: number;
  readonly peakBytes: number;
  /** What a training step needs at least; null for other cases. */
  readonly neededBytes: number | null;
}

const PATIENCE = 120_000;

export async function measureProfile(
  { name, work }: Case,
  { rounds, roundMs, warmUpMs }: Effort,
  digits: () => Promise<Digits>,
): Promise<CaseProfile> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-bench-'));
  const client = new Client(lanewiseCommand(1, 'profile'));
  try {
    const inputs = writeInputs(directory, await makeInputs(work, digits));
    await client.ask({ do: 'open', work, inputs, probe: {}, warmUpMs }, PATIENCE);
    const { runs, totalMs, kernels, peakBytes } = await client.ask({ do: 'profile', ms: rounds * roundMs }, PATIENCE);
    const inside = kernels.reduce((sum, { ms }) => sum + ms, 0);
    return {
      name,
      runMs: totalMs / runs,
      overheadPercent: 100 * (1 - inside / totalMs),
      peakBytes,
      kernels: kernels
        .map((kernel) => ({ name: kernel.name, calls: kernel.calls / runs, ms: kernel.ms / runs }))
        .sort((a, b) => b.ms - a.ms),
      neededBytes: work.kind === 'train' ? neededBytes(work.network, work.batch) : null,
    };
  } finally {
    client.stop();
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

export function profileText({
  name,
  runMs,
  kernels,
  overheadPercent,
  peakBytes,
  neededBytes: needed,
}: CaseProfile): string {
  const lines = kernels.map((kernel) => [
    kernel.name,
    Number(kernel.calls.toPrecision(3)).toString(),
    kernel.ms.toFixed(4),
    `${((100 * kernel.ms) / runMs).toFixed(1)} %`,
  ]);
  lines.push([
    'outside of kernels',
    '',
    ((runMs * overheadPercent) / 100).toFixed(4),
    `${overheadPercent.toFixed(1)} %`,
  ]);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;
  const memory =
    needed === null
      ? `Peak beyond what lives from run to run: ${megabytes(peakBytes)}.`
      : 'Peak beyond parameters, optimizer state and ' +
        `data: ${megabytes(peakBytes)}, ${(peakBytes / needed).toFixed(2)} × ` +
        `the ${megabytes(needed)} of activations and gradients.`;
  return `### ${name}: ${runMs.toFixed(4)} ms\n\n${table(['kernel', 'calls', 'ms', 'share'], lines)}\n\n${memory}`;
}
