// A network that knows the digits 0 to 4 learns 5 to 9 from ten images of each. Run it: npm run example fine-tuning
import {
  crossEntropy,
  DataLoader,
  evaluate,
  fit,
  init,
  manualSeed,
  nn,
  optim,
  Subset,
  type TensorDataset,
} from 'lanewise';
import { loadDataset } from 'lanewise/node';

await init();
manualSeed(1);
const { train, test } = await loadDataset('mnist');

/** The first `most` images of each digit from `first` to `last`. */
function digits(data: TensorDataset, first: number, last: number, most: number): DataLoader {
  const counts = new Array<number>(10).fill(0);
  const chosen = data.y
    .toArray<number[]>()
    .flatMap((digit, i) => (digit >= first && digit <= last && ++counts[digit]! <= most ? [i] : []));
  return new DataLoader(new Subset(data, chosen), { batchSize: 25, shuffle: true });
}
const few = digits(train, 5, 9, 10);
const unseen = digits(test, 5, 9, 200);

const makeFeatures = () =>
  new nn.Sequential(
    new nn.Conv2d(1, 8, 5, { stride: 2 }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
    new nn.Conv2d(8, 16, 5, { stride: 2 }),
    new nn.BatchNorm2d(16),
    new nn.ReLU(),
    new nn.Flatten(),
  );

/** Trains a new head on the few images. */
async function learnFew(features: nn.Sequential, frozen: boolean): Promise<number> {
  features.requireGrad(!frozen);
  const head = new nn.Linear(256, 10);
  const model = new nn.Sequential(features, head);
  const optimizer = new optim.AdamW(frozen ? head.parameters() : model.parameters(), { lr: 0.01 });
  for (let epoch = 0; epoch < 15; epoch++) {
    model.train();
    if (frozen) features.eval(); // Its running statistics stay too.
    for (const [x, y] of few) {
      optimizer.zeroGrad();
      crossEntropy(model.forward(x), y).backward();
      optimizer.step();
    }
  }
  return (await evaluate(model, unseen)).accuracy!;
}

const features = makeFeatures();
const first = new nn.Sequential(features, new nn.Linear(256, 10));
await fit(first, { optimizer: new optim.AdamW(first.parameters()), loader: digits(train, 0, 4, 500), epochs: 4 });
const [tuned, scratch] = [await learnFew(features, true), await learnFew(makeFeatures(), false)];
console.log(`fine-tuned: ${(100 * tuned).toFixed(1)} %, from scratch: ${(100 * scratch).toFixed(1)} %`);
// fine-tuned: 72.2 %, from scratch: 58.7 %
