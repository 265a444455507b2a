/** Measures rows of the bench, and compares the bits of this device, for the page of benchmarks. */
import type { CeilingFile } from '../../../bench/ceilingTask.js';
import { FIXED_RUN_DIGEST, fixedRun } from '../../../bench/fixedRun.js';
import { measureInProcess } from '../../../bench/inProcess.js';
import type { Digits } from '../../../bench/inputs.js';
import relaxedCeilingsUrl from '../../../build/bench/ceilings.relaxed.wasm?url';
import ceilingsUrl from '../../../build/bench/ceilings.wasm?url';
import * as lanewise from '../../index.js';
import type { BenchReply, BenchRequest } from './protocol.js';

const post = (reply: BenchReply): void => postMessage(reply);

onmessage = async ({ data }: MessageEvent<BenchRequest>) => {
  try {
    await answer(data);
  } catch (error) {
    post({ is: 'error', message: error instanceof Error ? error.message : String(error) });
  }
};

async function answer(request: BenchRequest): Promise<void> {
  const { threads, threadsReason } = await lanewise.init({ threads: request.threads });
  if (request.do === 'compare') {
    const digest = fixedRun(lanewise);
    post({ is: 'compared', digest, agrees: digest === FIXED_RUN_DIGEST });
    return;
  }
  await measureInProcess(request.names, {
    lanewise,
    threads,
    files: await ceilingFiles(),
    digits: () => fetchDigits(request.digits),
    onCeilings: (ceilings) =>
      post({ is: 'ready', threads, ...(threadsReason !== undefined && { threadsReason }), ceilings }),
    onBegin: (name) => post({ is: 'measuring', name }),
    onRow: (row, checked) => post({ is: 'row', row, checked }),
    onNote: (name, note) => post({ is: 'note', name, note }),
  });
  post({ is: 'done' });
}

async function ceilingFiles(): Promise<Record<CeilingFile, Uint8Array<ArrayBuffer>>> {
  const [baseline, relaxed] = await Promise.all(
    [ceilingsUrl, relaxedCeilingsUrl].map(async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer())),
  );
  return { 'ceilings.wasm': baseline!, 'ceilings.relaxed.wasm': relaxed! };
}

async function fetchDigits(base: string): Promise<Digits> {
  const { train, test } = await lanewise.fetchMnist(base);
  const images = Float32Array.from(train.x.data(), (value) => value / 255);
  const classes = Int32Array.from(train.y.data());
  train.dispose();
  test.dispose();
  return { images, classes };
}
