// A worker file as a program of its own would have it, over the built package.
import { DataLoader, manualSeed, nn, optim, TensorDataset, tensor } from '../../dist/index.js';
import { serveTraining } from '../../dist/worker.js';

serveTraining((settings, { x, y }) => {
  if (settings.refuse) throw new TypeError('not today');
  manualSeed(settings.seed);
  const model = new nn.Sequential(new nn.Linear(2, 16), new nn.ReLU(), new nn.Dropout(0.1), new nn.Linear(16, 3));
  const loader = new DataLoader(new TensorDataset(tensor(x, { shape: [y.length, 2] }), tensor(y)), {
    batchSize: 8,
    shuffle: true,
  });
  const optimizer = new optim.SGD(model.parameters(), { lr: settings.lr });
  return {
    model,
    fit: {
      optimizer,
      loader,
      testLoader: loader,
      epochs: settings.epochs ?? 3,
      onBatch: () => (settings.breakOnBatch ? Promise.reject(new RangeError('in the worker')) : undefined),
    },
    requests: {
      classOf: (point) =>
        model
          .eval()
          .forward(tensor([point]))
          .argmax(1)
          .item(),
      disturb: () => {
        nn.init.normal(tensor([1, 2, 3]));
        model.eval();
      },
      exit: () => process.exit(3),
      hang: () => {
        for (;;);
      },
      fail: () => new nn.Linear(3, 2).forward(tensor([1, 2])),
    },
  };
});
