// Writes the speed table of README.md: five rows of the tables of docs/benchmarking.md, in words that need no legend.
//   node scripts/readme-speed.mjs            prints it
//   node scripts/readme-speed.mjs | node scripts/into-page.mjs README.md speed
import fs from 'node:fs';
import path from 'node:path';

/** A row of the benchmarks (on one thread), and what the README calls it. */
const ROWS = {
  'train/W2b': 'train an MLP 784-128-64-10 with batch normalisation',
  'train/W3b': 'train a CNN of two 3×3 convolutions with batch normalisation',
  'train/W4-64-sgd': 'train LeNet-5, batch 64',
  'train/W5': 'train a residual network of 78,000 parameters',
  'infer/lenet5-256': 'classify 256 digits with LeNet-5',
};
const PEERS = { tfjs: 'TensorFlow.js', jax: 'jax-js', pytorch: 'PyTorch (native)' };

/** The table, from the text of docs/benchmarking.md. */
export function speedTable(page) {
  const lines = page.split('\n');
  const cells = (line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const rows = Object.entries(ROWS).map(([name, words]) => {
    const at = lines.findIndex((line) => line.startsWith(`| ${name} | 1 |`));
    if (at < 0) throw new Error(`docs/benchmarking.md has no row ${name}`);
    const heading = cells(lines.findLast((line, i) => i < at && line.startsWith('|  | threads |')));
    const row = cells(lines[at]);
    const ratios = Object.keys(PEERS).map((peer) => {
      const [, ratio] = /\(([\d.]+) ×\)/.exec(row[heading.indexOf(`${peer}, ms`)]) ?? [];
      return ratio === undefined ? '–' : `${Number(ratio) >= 10 ? Math.round(Number(ratio)) : ratio} ×`;
    });
    return `| ${[words, row[2].replace(/ \(.*/, ''), ...ratios].join(' | ')} |`;
  });
  return [
    `| one thread | lanewise, ms | ${Object.values(PEERS).join(' | ')} |`,
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  console.log(speedTable(fs.readFileSync(path.join(import.meta.dirname, '../docs/benchmarking.md'), 'utf8')));
}
