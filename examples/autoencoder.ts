// Digits through a bottleneck of 16 numbers and back. Run it: npm run example autoencoder
import { bceLoss, DataLoader, init, limit, manualSeed, nn, optim } from 'lanewise';
import { loadMnist } from 'lanewise/node';

await init();
manualSeed(1);
const { train, test } = await loadMnist();
const loader = new DataLoader(limit(train, 6000), { batchSize: 50, shuffle: true });

const encoder = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 16));
const decoder = new nn.Sequential(
  new nn.Linear(16, 128),
  new nn.ReLU(),
  new nn.Linear(128, 784),
  new nn.Sigmoid(),
  new nn.Unflatten(1, [1, 28, 28]),
);
const model = new nn.Sequential(encoder, decoder);
const optimizer = new optim.Adam(model.parameters(), { lr: 2e-3 });

for (let epoch = 0; epoch < 3; epoch++) {
  for (const [x] of loader) {
    optimizer.zeroGrad();
    bceLoss(model.forward(x), x).backward(); // the target is the input
    optimizer.step();
  }
}

let error = 0;
let count = 0;
for (const [x] of new DataLoader(test, { batchSize: 200 })) {
  error += model.forward(x).sub(x).square().sum().item();
  count += x.size;
}
console.log(`mean squared error of a pixel of the test digits: ${(error / count).toFixed(4)}`);
// mean squared error of a pixel of the test digits: 0.0284
