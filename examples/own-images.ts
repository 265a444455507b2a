// A network learns pictures in folders, a folder a class: PNG, JPEG and WebP. Run it: npm run example own-images
import { crossEntropy, DataLoader, evaluate, init, manualSeed, nn, optim, transforms } from 'lanewise';
import { loadImageFolder } from 'lanewise/node';

await init();
manualSeed(0);
const { train, test, classes, mean, std, notes } = await loadImageFolder('examples/shapes', {
  shape: [3, 32, 32], // every picture is scaled and cropped to this
  validation: 0.25, // of each class, to evaluate on
});
console.log(...classes, ...notes); // circle square triangle

const scaled = transforms.normalize({ mean, std });
const moved = [transforms.randomShift({ pixels: 3 }), transforms.horizontalFlip(), scaled];
const loader = new DataLoader(train, { batchSize: 16, shuffle: true, transforms: moved });
const model = new nn.Sequential(
  new nn.Conv2d(3, 16, 3, { padding: 1 }),
  new nn.BatchNorm2d(16),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Conv2d(16, 32, 3, { padding: 1 }),
  new nn.BatchNorm2d(32),
  new nn.ReLU(),
  new nn.AdaptiveAvgPool2d(4),
  new nn.Flatten(),
  new nn.Linear(32 * 16, classes.length),
);
const optimizer = new optim.AdamW(model.parameters(), { lr: 0.003 });
for (let epoch = 0; epoch < 30; epoch++) {
  for (const [x, y] of loader) {
    optimizer.zeroGrad();
    crossEntropy(model.forward(x), y).backward();
    optimizer.step();
  }
}
const { accuracy } = await evaluate(model, new DataLoader(test!, { batchSize: 50, transforms: [scaled] }));
console.log(`accuracy on pictures set aside: ${(100 * accuracy!).toFixed(0)} %`); // 89 %
