// Trains each model on MNIST and prints what docs/results.md shows:
//   node scripts/measure-models.mjs | node scripts/into-page.mjs docs/results.md models
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const RECIPE = ['--dataset', 'mnist', '--epochs', '3', '--lr', '0.05', '--momentum', '0.9', '--scheduler', 'cosine'];
const MODELS = ['mlp', 'mlp-bn', 'cnn', 'cnn-bn', 'fast-cnn', 'fast-cnn-bn', 'lenet5', 'mini-resnet'];

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-'));
const rows = MODELS.map((model) => {
  const args = [
    path.join(root, 'dist/cli.js'),
    'train',
    '--model',
    model,
    ...RECIPE,
    '--out',
    path.join(scratch, model),
    '--json',
  ];
  const events = execFileSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const start = events.find(({ event }) => event === 'start');
  const epochs = events.filter(({ event }) => event === 'epoch');
  const seconds = epochs.map((epoch) => epoch.seconds).sort((a, b) => a - b);
  const percent = (epoch) => `${(100 * epoch.testAccuracy).toFixed(2)} %`;
  process.stderr.write(`${model} done\n`);
  return {
    start,
    cells: [
      `\`${model}\``,
      start.parameters.toLocaleString('en'),
      seconds[1].toFixed(1),
      percent(epochs[0]),
      percent(epochs[2]),
    ],
  };
});
fs.rmSync(scratch, { recursive: true });

const { threads } = rows[0].start.runtime;
const header = [
  'model',
  'parameters',
  'seconds per epoch (median of 3)',
  'test accuracy after 1 epoch',
  'after 3 epochs',
];
const table = [header, header.map(() => '---'), ...rows.map(({ cells }) => cells)]
  .map((cells) => `| ${cells.join(' | ')} |`)
  .join('\n');
console.log(
  `${table}\n\nNode ${process.versions.node}, ${threads} threads, ${os.cpus()[0].model.trim()}; an epoch is ` +
    `60,000 images; \`lanewise train --model MODEL ${RECIPE.join(' ')}\`.`,
);
