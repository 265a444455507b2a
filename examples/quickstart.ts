import { crossEntropy, DataLoader, decodeSafetensors, encodeSafetensors, evaluate, init, nn, optim } from 'lanewise';
import { loadMnist } from 'lanewise/node';

await init(); // loads the kernels, starts the threads
const { train, test } = await loadMnist();
const model = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
for (const [x, y] of new DataLoader(train, { batchSize: 100, shuffle: true })) {
  optimizer.zeroGrad(); // each turn of the loop frees the tensors of the last one
  crossEntropy(model.forward(x), y).backward();
  optimizer.step();
}
console.log(await evaluate(model, new DataLoader(test, { batchSize: 500 })));

const file = encodeSafetensors(model.stateDict()); // the bytes of a file that PyTorch opens too
model.loadStateDict(decodeSafetensors(file).tensors);
const [digits] = test.batch(Int32Array.of(0, 1, 2, 3, 4));
console.log(model.forward(digits).argmax(1).toArray()); // [7, 2, 1, 0, 4]
