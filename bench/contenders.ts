/** Who takes part: lanewise itself, the machine's ceilings, and the peers that are installed. */
import fs from 'node:fs';
import path from 'node:path';
import { Client, type Command } from './client.js';
import type { Work } from './work.js';

export const PEERS = ['pytorch', 'pytorch-untuned', 'tfjs', 'jax', 'onnxruntime'] as const;
export type Peer = (typeof PEERS)[number];

export interface Entrant {
  readonly who: 'lanewise' | 'ceiling' | Peer;
  readonly threads: number;
  readonly fast: boolean;
  /** lanewise with its wide kernels. */
  readonly wide?: boolean;
  readonly client: Client;
  readonly version: string;
}

/** The built bench is in build/bench/, two levels below the project. */
export const root = path.resolve(import.meta.dirname, '../..');

/** Packages of the peers that run on Node, in bench/peers/. */
const NODE_PEERS: Readonly<Partial<Record<Peer, string>>> = {
  tfjs: '@tensorflow/tfjs-backend-wasm',
  jax: '@jax-js/jax',
  onnxruntime: 'onnxruntime-web',
};

type Mode = 'portable' | 'fast' | 'wide' | 'profile';

export function lanewiseCommand(threads: number, mode: Mode, node = process.execPath): Command {
  return {
    program: node,
    args: [...process.execArgv, path.join(root, 'build/bench/lanewise.mjs'), String(threads), mode],
  };
}

/** So large that glibc's malloc never returns memory to the system between steps. */
const NEVER = String(2 ** 40);

export function peerCommand(peer: Peer, threads: number): Command {
  if (peer === 'pytorch' || peer === 'pytorch-untuned') {
    const untuned = peer === 'pytorch-untuned';
    return {
      program: process.env.LANEWISE_PYTHON ?? '/usr/bin/python3',
      args: [path.join(root, 'bench/peers/pytorch.py'), ...(untuned ? ['untuned'] : [])],
      // torch.set_num_threads does not limit OpenBLAS: only the environment does.
      env: {
        OMP_NUM_THREADS: String(threads),
        OPENBLAS_NUM_THREADS: String(threads),
        PYTHONDONTWRITEBYTECODE: '1',
        ...(untuned ? {} : { MALLOC_TRIM_THRESHOLD_: NEVER, MALLOC_MMAP_THRESHOLD_: NEVER }),
      },
    };
  }
  return {
    program: process.execPath,
    args: [...process.execArgv, path.join(root, `bench/peers/build/${peer}.mjs`), String(threads)],
  };
}

/** Whether a peer can run on so many threads: the WebAssembly of TensorFlow.js and jax-js has one in Node. */
function canUse(peer: Peer, threads: number): boolean {
  return threads === 1 || (peer !== 'tfjs' && peer !== 'jax');
}

/**
 * Whether somebody is asked to run a case: PyTorch all, the others products, forward convolutions and whole networks.
 */
export function takesPart(who: Entrant['who'], work: Work): boolean {
  switch (who) {
    case 'ceiling':
      return false;
    case 'lanewise':
      return work.kind !== 'ceiling';
    case 'pytorch':
      return work.kind !== 'ceiling' && work.kind !== 'epoch';
    case 'pytorch-untuned':
      return work.kind === 'train';
    case 'tfjs':
    case 'jax':
    case 'onnxruntime':
      if (work.kind === 'linear' || work.kind === 'conv') return work.pass === 'forward';
      return work.kind === 'matmul' || work.kind === 'infer' || (work.kind === 'train' && who !== 'onnxruntime');
  }
}

export interface Field {
  readonly entrants: readonly Entrant[];
  /** Who is not there, and why. */
  readonly absent: Readonly<Record<string, string>>;
}

const HELLO_PATIENCE = 60_000;

/** Which kernels of lanewise take part besides the portable ones, and the program of Node that runs it. */
export interface Ways {
  readonly fast?: boolean;
  readonly wide?: boolean;
  readonly node?: string;
}

/** Starts everyone; who does not answer is absent. Lanewise itself must. */
export async function gather(threadCounts: readonly number[], ways: Ways, peers: readonly Peer[]): Promise<Field> {
  const entrants: Entrant[] = [];
  const absent: Record<string, string> = {};
  const greet = async (who: Entrant['who'], threads: number, mode: Mode, command: Command): Promise<void> => {
    const fast = mode === 'fast';
    const wide = mode === 'wide';
    const client = new Client(command);
    try {
      const hello = await client.ask({ do: 'hello' }, HELLO_PATIENCE);
      if (hello.threads !== threads)
        throw new Error(`it runs on ${hello.threads} threads where ${threads} were asked for`);
      entrants.push({ who, threads, fast, wide, client, version: hello.version });
    } catch (error) {
      client.stop();
      const where = threads === 1 ? '' : ` on ${threads} threads`;
      absent[`${who}${mode === 'portable' ? '' : ` (${mode})`}${where}`] = (error as Error).message;
    }
  };

  await greet('ceiling', 1, 'portable', {
    program: process.execPath,
    args: [...process.execArgv, path.join(root, 'build/bench/ceilings.mjs')],
  });
  for (const threads of threadCounts) {
    for (const mode of ['portable', 'fast', 'wide'] as const)
      if (mode === 'portable' || ways[mode])
        await greet('lanewise', threads, mode, lanewiseCommand(threads, mode, ways.node));
    for (const peer of peers) {
      const folder = NODE_PEERS[peer];
      if (folder !== undefined && !fs.existsSync(path.join(root, 'bench/peers/node_modules', folder))) {
        absent[peer] = 'not installed: npm --prefix bench/peers install';
      } else if (canUse(peer, threads)) await greet(peer, threads, 'portable', peerCommand(peer, threads));
    }
  }
  return { entrants, absent };
}
