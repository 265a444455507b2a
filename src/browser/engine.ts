/** What this browser can do, and in one line what is missing and what that costs. */
import type { EngineReply } from './engine.worker.js';

export interface Engine {
  /** Threads that can be had. */
  readonly threads: number;
  readonly line: string;
  /** Whether the line is about something missing. */
  readonly lacking: boolean;
}

/** A browser that has not answered after so long (ms) is not waited for: each run finds out by itself. */
const PATIENCE = 5_000;

export async function tryEngine(): Promise<Engine> {
  const reply = await askWorker();
  const cores = navigator.hardwareConcurrency || 1;
  if ('error' in reply)
    return {
      threads: 1,
      lacking: true,
      line: `Nothing can be trained here: ${reply.error}${reply.hint === undefined ? '' : `; ${reply.hint}`}`,
    };
  const { threads, threadsReason } = reply;
  if (threads < cores) {
    const why = !crossOriginIsolated
      ? 'the page was served without COOP and COEP headers'
      : (threadsReason ?? 'the browser gives no more');
    return {
      threads,
      lacking: true,
      line:
        `SIMD, but ${threads === 1 ? 'no threads' : `only ${threads} threads`} (${why}): large networks take up ` +
        `to ${(cores / threads).toFixed(cores % threads === 0 ? 0 : 1)} times as long, to the same bits.`,
    };
  }
  return {
    threads,
    lacking: false,
    line: `WebAssembly SIMD, ${threads === 1 ? 'one thread (this machine has one core)' : `${threads} threads`}.`,
  };
}

function askWorker(): Promise<EngineReply> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'engine' });
    const done = (reply: EngineReply): void => {
      worker.terminate();
      resolve(reply);
    };
    worker.onmessage = ({ data }: MessageEvent<EngineReply>) => done(data);
    worker.onerror = (event) => done({ error: event.message || 'this browser has no module workers' });
    setTimeout(() => done({ threads: navigator.hardwareConcurrency || 1 }), PATIENCE);
  });
}
