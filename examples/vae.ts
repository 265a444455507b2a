// A variational autoencoder of digits (Kingma and Welling, arXiv 1312.6114). Run it: npm run example vae
import { bceWithLogits, DataLoader, init, limit, manualSeed, nn, optim, randn, type Tensor } from 'lanewise';
import { loadMnist } from 'lanewise/node';

await init();
manualSeed(1);
const { train } = await loadMnist();
const loader = new DataLoader(limit(train, 6000), { batchSize: 50, shuffle: true });
const LATENT = 8;

const encoder = new nn.Sequential(
  new nn.Flatten(),
  new nn.Linear(784, 128),
  new nn.ReLU(),
  new nn.Linear(128, 2 * LATENT),
);
const decoder = new nn.Sequential(new nn.Linear(LATENT, 128), new nn.ReLU(), new nn.Linear(128, 784));
const optimizer = new optim.Adam([...encoder.parameters(), ...decoder.parameters()], { lr: 2e-3 });

/** The negative evidence lower bound of a digit, in nats. */
function loss(x: Tensor): Tensor {
  const [mean, logVariance] = encoder.forward(x).split(LATENT, 1) as [Tensor, Tensor];
  const z = mean.add(randn(mean.shape).mul(logVariance.mul(0.5).exp())); // the reparametrisation
  const reconstruction = bceWithLogits(decoder.forward(z), x.flatten({ startAxis: 1 }), { reduction: 'sum' });
  const divergence = mean.square().add(logVariance.exp()).sub(logVariance).sub(1).sum().mul(0.5);
  return reconstruction.add(divergence).div(x.shape[0]!);
}

for (let epoch = 1; epoch <= 3; epoch++) {
  let total = 0;
  for (const [x] of loader) {
    optimizer.zeroGrad();
    const bound = loss(x);
    bound.backward();
    optimizer.step();
    total += bound.item();
  }
  console.log(`epoch ${epoch}: ${(total / loader.length).toFixed(1)} nats`);
}
// epoch 3: 146.7 nats
