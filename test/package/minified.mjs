/** Minified bundles: errors, layers and what a worker of one's own throws keep their names. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';

const WORKER = `
import { nn, ShapeError } from 'lanewise';
import { serveTraining } from 'lanewise/worker';
serveTraining((settings) => {
  if (settings.mode === 'own') throw new ShapeError('sizes differ', { where: 'myLoss', hint: 'reshape it' });
  return new nn.Conv2d(1, 2, { misspelt: 1 });
});`;

const PROGRAM = `
import { Worker } from 'node:worker_threads';
import * as lanewise from 'lanewise';
import { trainInWorker } from 'lanewise/worker';

const { init, LanewiseError, models, nn, optim, zeros, matmul } = lanewise;
const facts = ({ name, code, message }, Class) => ({ name, code, message: message.split('\\n')[0], Class });
const caught = (body) => {
  try {
    body();
  } catch (error) {
    return facts(error, error instanceof LanewiseError);
  }
};
await init({ threads: 1 });
const fromWorker = (mode) => {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url));
  return trainInWorker({ mode }, { worker }).then(
    () => 'no error',
    (error) => facts(error, error instanceof lanewise[error.name]),
  ).finally(() => worker.terminate());
};
const model = new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU(), new nn.Linear(5, 2));
console.log(JSON.stringify({
  error: caught(() => matmul(zeros([2, 3]), zeros([2, 3]))),
  inLayer: caught(() => model.forward(zeros([1, 4]))),
  tree: String(model),
  optimizer: new optim.AdamW(model.parameters(), {}).name,
  network: String(models.mlp()).split('(')[0],
  own: await fromWorker('own'),
  misspelt: await fromWorker('misspelt'),
}));
process.exit(0);`;

const WANTED = {
  error: { name: 'ShapeError', code: 'LANEWISE_SHAPE', Class: true },
  inLayer: { name: 'ShapeError', code: 'LANEWISE_SHAPE', Class: true },
  optimizer: 'AdamW',
  network: 'Sequential',
  own: { name: 'ShapeError', code: 'LANEWISE_SHAPE', message: 'myLoss: sizes differ', Class: true },
  misspelt: { name: 'ArgumentError', code: 'LANEWISE_ARGUMENT', Class: true },
};

/** Where an answer does not have what is wanted of it: `own.name is Error, not ShapeError`. */
function differences(wanted, answer, place = '') {
  if (typeof wanted !== 'object')
    return wanted === answer ? [] : [`${place} is ${JSON.stringify(answer)}, not ${JSON.stringify(wanted)}`];
  return Object.entries(wanted).flatMap(([name, value]) =>
    differences(value, answer?.[name], place === '' ? name : `${place}.${name}`),
  );
}

export const minified = {
  name: "minified: names of errors and layers, and of the errors of a worker of one's own",
  check: async ({ scratch }) => {
    const folder = path.join(scratch, 'minified');
    const build = (contents, name) =>
      esbuild.build({
        stdin: { contents, resolveDir: scratch },
        bundle: true,
        minify: true,
        format: 'esm',
        platform: 'node',
        mainFields: ['module', 'main'],
        conditions: ['module'],
        outfile: path.join(folder, name),
        logLevel: 'silent',
      });
    fs.mkdirSync(folder, { recursive: true });
    await Promise.all([build(PROGRAM, 'program.mjs'), build(WORKER, 'worker.mjs')]);
    const answer = JSON.parse(execFileSync(process.execPath, [path.join(folder, 'program.mjs')], { encoding: 'utf8' }));
    const wrong = differences(WANTED, answer);
    if (!/^matmul: /.test(answer.error?.message)) wrong.push(`error.message is ${answer.error?.message}`);
    if (!/^linear: .*\(in layer 2\)/.test(answer.inLayer?.message)) wrong.push(`inLayer: ${answer.inLayer?.message}`);
    if (!/^Sequential\(\n {2}\(0\): Linear\(/.test(answer.tree)) wrong.push(`the tree is ${answer.tree}`);
    if (!/^Conv2d: /.test(answer.misspelt?.message)) wrong.push(`misspelt.message is ${answer.misspelt?.message}`);
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    return 'as in the source';
  },
};
