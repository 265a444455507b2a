import os from 'node:os';
import { init, type RuntimeInfo } from '../index.js';
import { plural } from '../text/numbers.js';
import type { Output } from './output.js';

/**
 * Starts the kernels on the threads asked for (null: as many as there are), and says where there are fewer, or where
 * the wide kernels that were asked for are not in use or not tested.
 */
export async function startRuntime(threads: number | null, output: Output, wide = false): Promise<RuntimeInfo> {
  const info = await init({ ...(threads !== null && { threads }), wide });
  if (threads !== null && info.threads < threads) {
    output.note(
      `note: the kernels run on ${plural(info.threads, 'thread')}, with the same results: ${info.threadsReason}`,
    );
  }
  if (info.wideReason !== undefined) {
    const used = info.variant === 'wide' ? '' : 'the other kernels run, with the same results: ';
    output.note(`note: ${used}${info.wideReason}`);
  }
  return info;
}

/** Says how to ask for the wide kernels, where the engine can join vectors: Node 24 and later on x86-64. */
export function noteWide({ variant }: RuntimeInfo, asked: boolean, output: Output): void {
  if (asked || variant !== 'simd' || process.arch !== 'x64' || Number.parseInt(process.versions.node, 10) < 24) return;
  output.note('note: --wide computes the same bits with vectors of 256 bits, faster where there is AVX2');
}

/** Says where runs at a time, of so many threads each, are more than the machine has cores. */
export function noteCrowding(jobs: number, threads: number, output: Output): void {
  const cores = os.availableParallelism();
  if (jobs * threads <= cores) return;
  const wanted = `--jobs ${jobs} with --threads ${threads} needs ${plural(jobs * threads, 'core')}`;
  // No run starts more threads than there are cores.
  const effect = jobs === 1 ? 'each run has as many threads' : 'the runs slow each other down';
  output.note(`note: ${wanted}, this machine has ${plural(cores, 'core')}: ${effect}, with the same results`);
}
