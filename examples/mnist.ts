// A convolutional network learns handwritten digits, in a loop of its own. Run it: npm run example mnist
import { crossEntropy, DataLoader, evaluate, init, limit, manualSeed, nn, optim } from 'lanewise';
import { loadMnist } from 'lanewise/node';

await init();
manualSeed(1);
const { train, test } = await loadMnist();
const loader = new DataLoader(limit(train, 6000), { batchSize: 50, shuffle: true });

const model = new nn.Sequential(
  new nn.Conv2d(1, 4, 3, { padding: 1 }),
  new nn.BatchNorm2d(4),
  new nn.ReLU(),
  new nn.AvgPool2d(2),
  new nn.Flatten(),
  new nn.Linear(4 * 14 * 14, 10),
);
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });

for (const [x, y] of loader) {
  // each turn of the loop frees what the last one made
  optimizer.zeroGrad();
  const loss = crossEntropy(model.forward(x), y);
  loss.backward();
  optimizer.step();
}

const { accuracy } = await evaluate(model, new DataLoader(test, { batchSize: 200 }));
console.log(`test accuracy after one pass over 6,000 digits: ${(100 * accuracy!).toFixed(1)} %`);
