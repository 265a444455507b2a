// Three arms of a spiral, told apart by a perceptron with two hidden layers. Run it: npm run example spiral
import { crossEntropy, init, manualSeed, nn, noGrad, optim, randn, scope, tensor } from 'lanewise';

await init();
manualSeed(1);
const ARMS = 3;
const POINTS = 100;
const places = Array.from({ length: ARMS * POINTS }, (_, i) => ({ arm: i % ARMS, radius: (i + 1) / (ARMS * POINTS) }));
const ideal = places.map(({ arm, radius }) => {
  const angle = 5 * radius + (2 * Math.PI * arm) / ARMS;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
});
const x = tensor(ideal).add(randn([ARMS * POINTS, 2]).mul(0.02));
const y = tensor(
  places.map(({ arm }) => arm),
  { dtype: 'int32' },
);

const model = new nn.Sequential(
  new nn.Linear(2, 32),
  new nn.Tanh(),
  new nn.Linear(32, 32),
  new nn.Tanh(),
  new nn.Linear(32, ARMS),
);
const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });

for (let step = 0; step < 300; step++) {
  scope(() => {
    optimizer.zeroGrad();
    crossEntropy(model.forward(x), y).backward();
    optimizer.step();
  });
}

const right = noGrad(() => model.forward(x).argmax(1).eq(y).float().mean().item());
console.log(`${(100 * right).toFixed(1)} % of the points are classified correctly`);
// 98.7 % of the points are classified correctly
