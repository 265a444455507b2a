import { init, runtimeInfo, type RuntimeInfo } from '../index.js';
import type { Output } from './output.js';

/** Starts the kernels on the threads asked for (null: as many as there are), and says where there are fewer. */
export async function startRuntime(threads: number | null, output: Output): Promise<RuntimeInfo> {
  await init(threads === null ? {} : { threads });
  const info = runtimeInfo();
  if (threads !== null && info.threads < threads) {
    output.note(`note: running on ${info.threads} of ${threads} threads, to the same bits${info.threadsReason === undefined ? '' : `: ${info.threadsReason}`}`);
  }
  return info;
}
