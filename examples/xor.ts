// Two layers learn exclusive or, which one cannot. Run it: npm run example xor
import { bceWithLogits, init, manualSeed, nn, noGrad, optim, scope, tensor } from 'lanewise';

await init();
manualSeed(0);
const x = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]);
const y = tensor([[0], [1], [1], [0]]);

const model = new nn.Sequential(new nn.Linear(2, 8), new nn.Tanh(), new nn.Linear(8, 1));
const optimizer = new optim.Adam(model.parameters(), { lr: 0.1 });

for (let step = 0; step < 200; step++) {
  scope(() => {
    // frees what is made inside
    optimizer.zeroGrad();
    const loss = bceWithLogits(model.forward(x), y);
    loss.backward();
    optimizer.step();
    if (step % 50 === 49) console.log(`step ${step + 1}: loss ${loss.item().toFixed(4)}`);
  });
}

noGrad(() => console.log(String(model.forward(x).sigmoid())));
