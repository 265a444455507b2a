// Prices of houses from a table with numbers, categories and a missing value. Run it: npm run example table-regression
import { DataLoader, fit, init, manualSeed, mseLoss, nn, optim } from 'lanewise';
import { encodeTable, loadTable, unscale } from 'lanewise/tables';

await init();
manualSeed(1);
const TOWNS = ['Bath', 'Leeds', 'York'];
const rows = Array.from({ length: 300 }, (_, i) => {
  const [rooms, town] = [1 + ((i * 7) % 6), (i * 5) % 3];
  return { rooms: i === 9 ? null : rooms, town: TOWNS[town], price: 50 + 40 * rooms + 60 * town + (i % 11) };
});

const table = await loadTable(rows, { target: 'price', missing: 'mean', validation: 0.2 });
const model = new nn.Sequential(new nn.Linear(table.inputs.length, 32), new nn.ReLU(), new nn.Linear(32, 1));
const { history } = await fit(model, {
  optimizer: new optim.Adam(model.parameters(), { lr: 0.01 }),
  loader: new DataLoader(table.train, { batchSize: 20, shuffle: true }),
  testLoader: new DataLoader(table.validation!, { batchSize: 60 }),
  lossFn: mseLoss,
  metrics: ['r2'],
  epochs: 20,
});
console.log(`R² of the rows set aside: ${history.at(-1)!.testMetrics!.r2!.toFixed(3)}`);

const { x } = await encodeTable([{ rooms: 4, town: 'York' }], table.scaler);
const { target } = table.scaler;
if (target?.kind === 'number')
  console.log(`four rooms in York: ${unscale(target, model.forward(x).data('float32'))[0]}`);
// R² of the rows set aside: 0.998
// four rooms in York: 342.09539315043514
