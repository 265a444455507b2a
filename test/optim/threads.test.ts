/** In a file, and so a process, of its own: it starts worker threads. */
import { expect, test } from 'vitest';
import {
  batchNorm,
  dropout,
  groupNorm,
  init,
  layerNorm,
  manualSeed,
  memory,
  ones,
  optim,
  randn,
  runtimeInfo,
  Sha256,
  scope,
  stopThreads,
  zeros,
} from '../../src/index.js';

test('normalisations, dropout, updates and clipping are the same bits on three threads as on one', async () => {
  expect((await init({ threads: 3, oversubscribe: true })).threads).toBe(3);
  const run = () =>
    scope(() => {
      manualSeed(5);
      const hash = new Sha256();
      const params = [ones([512]), zeros([512]), ones([8]), zeros([8]), randn([512, 512])].map((param) =>
        param.requireGrad(),
      );
      const [weight, bias, channelWeight, channelBias, scale] = params;
      const [runningMean, runningVar] = [zeros([512]), ones([512])];
      for (const make of [
        optim.SGD,
        optim.Adam,
        optim.AdamW,
        optim.Adadelta,
        optim.Adagrad,
        optim.NAdam,
        optim.RMSprop,
      ]) {
        const optimizer = new make(params, { lr: 0.01 });
        for (let step = 0; step < 2; step++) {
          const x = randn([512, 512]).mul(scale!);
          const rows = layerNorm(
            dropout(batchNorm(x, { weight, bias, runningMean, runningVar, training: true }), 0.3),
            512,
          );
          const images = batchNorm(x.reshape([32, 8, 32, 32]), {
            weight: channelWeight,
            bias: channelBias,
            training: true,
          });
          rows.mul(x).mean().add(groupNorm(images, 2).mul(images).mean()).backward();
          optim.clipGradNorm(params, 0.1);
          optim.clipGradValue(params, 0.01);
          optimizer.step();
          optimizer.zeroGrad();
        }
        optimizer.dispose();
        for (const result of [...params, runningMean, runningVar]) hash.update(new Uint8Array(result.data().buffer));
      }
      return hash.hex();
    });
  const several = run();
  stopThreads();
  expect(runtimeInfo().threads).toBe(1);
  expect(run()).toBe(several);
  expect(memory().tensors).toBe(0);
});
