/** 100 training steps whose weights have the same bits on every device: what to compare one's own with. */
import type * as Lanewise from '../src/index.js';

/** The digest of the weights at the end: of Node in the tests, of Chromium and Firefox in `npm run test:page`. */
export const FIXED_RUN_DIGEST = '36b44c16c11f43d64cd89a0f08541efb0d30c780257627fc777b44c8729c822e';

const IMAGES = 320;
const BATCH = 32;
const STEPS = 100;

/**
 * Trains `models.fastCnn` with batch normalisation on images of noise: convolutions, pools, batch norms, linear layers,
 * the loss and Adam, forward and backward. Sets the seed.
 */
export function fixedRun({ manualSeed, rand, TensorDataset, tensor, ...lw }: typeof Lanewise): string {
  manualSeed(20);
  const images = rand([IMAGES, 1, 28, 28]);
  const classes = tensor(Int32Array.from({ length: IMAGES }, (_, i) => i % 10));
  const model = lw.models.fastCnn({ batchNorm: true });
  const optimizer = new lw.optim.Adam(model.parameters(), { lr: 0.001 });
  const loader = new lw.DataLoader(new TensorDataset(images, classes), { batchSize: BATCH, shuffle: true });
  try {
    for (let step = 0; step < STEPS; ) {
      for (const [x, y] of loader) {
        optimizer.zeroGrad();
        lw.crossEntropy(model.forward(x), y).backward();
        optimizer.step();
        step++;
      }
    }
    return lw.digest(model.stateDict());
  } finally {
    for (const thing of [images, classes, model, optimizer]) thing.dispose();
  }
}
