/**
 * Ten networks, written by `exportOnnx`, give in onnxruntime-web what they give here: within 1e-4 of the largest
 * output, 1e-5 where convolutions are precise. The runtime is a peer of the benchmarks:
 * npm --prefix bench/peers install
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { init, manualSeed, nn, noGrad, type Tensor } from '../../src/index.js';
import { exportOnnx } from '../../src/onnx/index.js';
import { NETWORKS } from './networks.js';

/** The parts of onnxruntime-web that are used here; the package is optional, and so are its types. */
interface OrtTensor {
  readonly data: ArrayLike<number>;
  readonly dims: readonly number[];
}
interface Session {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}
interface Ort {
  readonly env: { readonly wasm: { numThreads: number } };
  readonly Tensor: new (type: string, data: ArrayLike<number>, shape: readonly number[]) => OrtTensor;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
}

const file = path.resolve(import.meta.dirname, '../../bench/peers/node_modules/onnxruntime-web/dist/ort.node.min.mjs');

beforeAll(() => init({ threads: 1 }));

/** Sets the precision of all convolutions. */
function precise(model: nn.Module): void {
  for (const module of model.modules())
    if (module instanceof nn.Conv2d) Object.assign(module, { precision: 'precise' });
}

describe.skipIf(!fs.existsSync(file))('onnxruntime-web computes the same', () => {
  for (const [name, build] of Object.entries(NETWORKS)) {
    for (const [precision, tolerance] of [
      ['fast', 1e-4],
      ['precise', 1e-5],
    ] as const) {
      test(`${name}, ${precision}`, async () => {
        const ort = (await import(pathToFileURL(file).href)) as Ort;
        ort.env.wasm.numThreads = 1;
        manualSeed(7);
        const [model, example] = build();
        if (precision === 'precise') precise(model);
        noGrad(() => model.train().forward(example(6)));
        model.eval();
        const session = await ort.InferenceSession.create(exportOnnx(model, example(1)), {
          executionProviders: ['wasm'],
        });
        for (const batch of [1, 4]) {
          const x: Tensor = example(batch);
          const want = noGrad(() => model.forward(x));
          const { output } = await session.run({ input: new ort.Tensor(x.dtype, x.data(), x.shape) });
          expect(output!.dims).toEqual(want.shape);
          const mine = Array.from(want.data());
          const largest = Math.max(...mine.map(Math.abs));
          mine.forEach((value, i) => {
            expect(Math.abs(output!.data[i]! - value)).toBeLessThanOrEqual(tolerance * largest);
          });
        }
        await session.release();
      });
    }
  }
});
