/**
 * Networks are trained here and written by `exportOnnx`. onnxruntime-web and onnxruntime-node give what they give
 * here: within 1e-4 of the largest output (1e-5 where convolutions are precise), and the same predictions.
 *
 * The runtimes are not among the dependencies of this package; .ci/run installs them:
 * npm ci --prefix test/onnx --ignore-scripts
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { init, manualSeed, nn, noGrad, optim, randn, scope, type Tensor } from '../../src/index.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';
import { NETWORKS } from './networks.js';

/** What the two runtimes have in common, as far as it is used here; they are optional, and so are their types. */
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

const modules = path.join(import.meta.dirname, 'node_modules');
const RUNTIMES: Readonly<Record<string, () => Promise<Ort>>> = {
  'onnxruntime-web': async () => {
    const file = path.join(modules, 'onnxruntime-web/dist/ort.node.min.mjs');
    const ort = (await import(pathToFileURL(file).href)) as Ort;
    ort.env.wasm.numThreads = 1;
    return ort;
  },
  'onnxruntime-node': () =>
    Promise.resolve(createRequire(path.join(import.meta.dirname, 'package.json'))('onnxruntime-node') as Ort),
};

beforeAll(() => init({ threads: 1 }));

/** A network with weights of a short training: the squares of its outputs' distances to something become smaller. */
function trained(build: (typeof NETWORKS)[string], precise: boolean): readonly [nn.Module, (batch: number) => Tensor] {
  manualSeed(7);
  const [model, example] = build();
  if (precise)
    for (const module of model.modules())
      if (module instanceof nn.Conv2d) Object.assign(module, { precision: 'precise' });
  model.train();
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const x = example(8);
  const target = randn(noGrad(() => model.forward(x)).shape);
  const losses = Array.from({ length: 15 }, () =>
    scope(() => {
      optimizer.zeroGrad();
      const loss = model.forward(x).sub(target).square().mean();
      loss.backward();
      optimizer.step();
      return loss.item();
    }),
  );
  expect(losses.at(-1)!).toBeLessThan(losses[0]!);
  return [model.eval(), example];
}

/** The positions of the largest numbers of all rows. */
function predictions(values: ArrayLike<number>, classes: number): number[] {
  return Array.from({ length: values.length / classes }, (_, row) => {
    const own = Array.from({ length: classes }, (_, i) => values[row * classes + i]!);
    return own.indexOf(Math.max(...own));
  });
}

describe.skipIf(!fs.existsSync(modules)).each(Object.entries(RUNTIMES))('%s computes the same', (_, start) => {
  for (const [name, build] of Object.entries(NETWORKS)) {
    for (const [precision, tolerance] of [
      ['fast', 1e-4],
      ['precise', 1e-5],
    ] as const) {
      test(`${name}, ${precision}`, async () => {
        const ort = await start();
        const [model, example] = trained(build, precision === 'precise');
        const bytes = exportOnnx(model, example(1));
        const imported = importOnnx(bytes, { precision });
        const session = await ort.InferenceSession.create(bytes, { executionProviders: ['cpu'] });
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
          const classes = want.shape.at(-1)!;
          expect(predictions(output!.data, classes)).toEqual(predictions(mine, classes));
          // With gradients, no layers are folded.
          expect(imported.forward(x).toArray()).toEqual(model.forward(x).toArray());
        }
        await session.release();
      });
    }
  }
});
