// Traces of a sensor with three axes, classified by convolutions over time. Run it: npm run example sensor
import { DataLoader, evaluate, fit, init, manualSeed, nn, optim, randn, TensorDataset, tensor } from 'lanewise';

await init();
manualSeed(1);
const KINDS = ['rest', 'walking', 'running', 'falling'];
const LENGTH = 64;

/** What the axes measure at a time, for a movement that began `shift` samples before. */
function measure(kind: string, axis: number, time: number, shift: number): number {
  const wave = (period: number) => Math.sin((2 * Math.PI * (time + shift + 3 * axis)) / period);
  if (kind === 'walking') return 0.6 * wave(20);
  if (kind === 'running') return 0.9 * wave(9);
  if (kind === 'falling') return 2 * Math.exp(-(((time - 8 - shift) / 4) ** 2)) * (axis === 2 ? -1 : 0.3);
  return 0;
}

/** Traces [N, 3, LENGTH] with noise, and the numbers of their kinds. */
function record(count: number): TensorDataset {
  const labels = Array.from({ length: count }, (_, n) => n % KINDS.length);
  const traces = labels.map((kind, n) => {
    const shift = (n * 7) % 48;
    return [0, 1, 2].map((axis) =>
      Array.from({ length: LENGTH }, (_, time) => measure(KINDS[kind]!, axis, time, shift)),
    );
  });
  const x = tensor(traces).add(randn([count, 3, LENGTH]).mul(0.5));
  return new TensorDataset(x, tensor(labels, { dtype: 'int32' }), { classes: KINDS });
}

const model = new nn.Sequential(
  new nn.Conv1d(3, 16, 5, { padding: 2 }),
  new nn.BatchNorm1d(16),
  new nn.ReLU(),
  new nn.MaxPool1d(2),
  new nn.Conv1d(16, 32, 5, { padding: 2 }),
  new nn.BatchNorm1d(32),
  new nn.ReLU(),
  new nn.AdaptiveAvgPool1d(1),
  new nn.Flatten(),
  new nn.Linear(32, KINDS.length),
);
const { history } = await fit(model, {
  optimizer: new optim.RAdam(model.parameters(), { lr: 0.01 }),
  loader: new DataLoader(record(800), { batchSize: 40, shuffle: true }),
  epochs: 4,
});
const { accuracy } = await evaluate(model, new DataLoader(record(400), { batchSize: 100 }));
console.log(`loss ${history.at(-1)!.trainLoss.toFixed(3)}; ${(100 * accuracy!).toFixed(1)} % of new traces are right`);
// loss 0.512; 97.3 % of new traces are right
