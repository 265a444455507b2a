// A generator learns to put points on a circle, against a discriminator that tells its points from real ones
// (Goodfellow et al., arXiv 1406.2661). Run it: npm run example gan
import {
  bceWithLogits,
  init,
  manualSeed,
  memory,
  nn,
  noGrad,
  ones,
  optim,
  randn,
  scope,
  type Tensor,
  zeros,
} from 'lanewise';

await init();
manualSeed(1);
const BATCH = 128;
const NOISE = 4;
const generator = new nn.Sequential(
  new nn.Linear(NOISE, 64),
  new nn.ReLU(),
  new nn.Linear(64, 64),
  new nn.ReLU(),
  new nn.Linear(64, 2),
);
const discriminator = new nn.Sequential(
  new nn.Linear(2, 64),
  new nn.LeakyReLU(0.2),
  new nn.Linear(64, 64),
  new nn.LeakyReLU(0.2),
  new nn.Linear(64, 1),
);
const generators = new optim.Adam(generator.parameters(), { lr: 1e-3, betas: [0.5, 0.999] });
const discriminators = new optim.Adam(discriminator.parameters(), { lr: 4e-3, betas: [0.5, 0.999] });

const lengths = (points: Tensor): Tensor => points.norm([1], { keepDim: true });
const fake = (): Tensor => generator.forward(randn([BATCH, NOISE]));
function real(): Tensor {
  const points = randn([BATCH, 2]);
  return points.div(lengths(points));
}

for (let step = 1; step <= 500; step++) {
  scope(() => {
    // The discriminator: 1 for real points, 0 for made ones.
    discriminators.zeroGrad();
    const made = noGrad(fake);
    const right = bceWithLogits(discriminator.forward(real()), ones([BATCH, 1]));
    right.add(bceWithLogits(discriminator.forward(made), zeros([BATCH, 1]))).backward();
    discriminators.step();
    // The generator: the discriminator should take its points for real.
    generators.zeroGrad();
    bceWithLogits(discriminator.forward(fake()), ones([BATCH, 1])).backward();
    generators.step();
  });
  if (step % 100 === 0) console.log(`step ${step}: ${memory().bytes} bytes in ${memory().tensors} tensors`);
}

const distance = noGrad(() => lengths(fake()).sub(1).abs().mean().item());
console.log(`mean distance of the made points from the circle: ${distance.toFixed(3)}`);
// step 500: 144896 bytes in 48 tensors
// mean distance of the made points from the circle: 0.091
