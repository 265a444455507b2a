/** `lanewise predict` */
import process from 'node:process';
import type { Command } from 'commander';
import {
  ArgumentError,
  LanewiseError,
  noGrad,
  type Picture,
  TensorDataset,
  tensor,
  toImageInput,
  toMnistInput,
} from '../index.js';
import { readImage } from '../node/index.js';
import type { OptionTable } from '../recipes/index.js';
import { percent } from '../text/numbers.js';
import { examples } from './help.js';
import { addOptions, givenOptions } from './options.js';
import { Output } from './output.js';
import type { PictureTask } from './pictureModel.js';
import { RUN_OPTIONS } from './runOptions.js';
import { startRuntime } from './runtime.js';
import { predictTables } from './tableModel.js';
import { TASK_OPTIONS, taskOf } from './taskOptions.js';
import { visibleError } from './visible.js';
import { loadAnyModel, WEIGHTS_HELP } from './weights.js';

const EXAMPLES = examples(
  [
    'lanewise predict --checkpoint runs/mlp-bn-mnist/best.safetensors digit.png',
    'lanewise predict --checkpoint runs/mlp-bn-mnist --json *.png',
    'lanewise predict --checkpoint model.onnx --labels cat,dog photo.png',
    'lanewise predict --checkpoint runs/mlp-table --out prices.csv houses.csv',
  ],
  "Digits are cut out, scaled and centred as MNIST's were, and may be dark on light or light on dark; " +
    'pictures of 28×28 are taken as they are. Pictures for other data sets are scaled to the size of its ' +
    'images.',
);

const OPTIONS = {
  ...TASK_OPTIONS,
  wide: RUN_OPTIONS.wide,
  out: {
    kind: 'text',
    default: null,
    value: 'FILE',
    help: 'write the predictions for rows of a table to this CSV file',
    defaultHelp: 'print them',
  },
  json: {
    kind: 'flag',
    default: false,
    help: 'print one JSON object per picture or row (events prediction and error) and nothing else on stdout',
  },
} as const satisfies OptionTable;

export function addPredictCommand(program: Command): void {
  const command = program
    .command('predict')
    .description('Classify pictures (PNG, JPEG, WebP), or predict the rows of tables (CSV), with a saved model.')
    .argument('<files...>', 'PNG, JPEG or WebP files, or CSV files for a model of a table');
  addOptions(command, 'Options:', OPTIONS);
  command.requiredOption('--checkpoint <FILE>', WEIGHTS_HELP);
  command.addHelpText('after', EXAMPLES).action((files: string[]) => runPredict(files, givenOptions(command)));
}

async function runPredict(files: readonly string[], { checkpoint, ...given }: Record<string, unknown>): Promise<void> {
  const output = new Output(given.json === true);
  await startRuntime(1, output, given.wide === true);
  const { model, task, transforms } = await loadAnyModel(checkpoint as string, taskOf(given));
  const { classNames, scaler } = task;
  if (scaler !== undefined)
    return predictTables(files, { model, scaler }, (given.out as string | undefined) ?? null, output);
  for (const file of files) {
    let input: Uint8Array;
    try {
      input = await inputOf(await readImage(file), task);
      if (input.every((value) => value === input[0]))
        throw new ArgumentError('the picture is empty: all its pixels are alike', { where: file });
    } catch (error) {
      // The others may be fine.
      if (!(error instanceof LanewiseError)) throw error;
      output.event('error', { file, code: error.code, message: error.message });
      process.stderr.write(`error: ${visibleError(error)}\n`);
      process.exitCode = 1;
      continue;
    }
    const probabilities = noGrad(() => {
      const picture = new TensorDataset(
        tensor(input, { shape: [1, ...task.inputShape] }),
        tensor([0], { dtype: 'int32' }),
      );
      const [x] = picture.batch(Int32Array.of(0), { transforms });
      picture.dispose();
      return Array.from(model.forward(x).softmax(1).data());
    });
    const best = probabilities.indexOf(Math.max(...probabilities));
    output.event('prediction', { file, class: best, label: classNames[best], probabilities });
    const others = probabilities
      .map((share, id) => ({ share, id }))
      .filter(({ id, share }) => id !== best && share >= 0.001)
      .sort((a, b) => b.share - a.share)
      .slice(0, 3);
    const shares = [{ share: probabilities[best]!, id: best }, ...others];
    output.line(`${file}: ${shares.map(({ share, id }) => `${classNames[id]} ${percent(share)}`).join('  ')}`);
  }
}

/** The bytes that a model for such images takes. */
async function inputOf(read: Picture, { dataset, inputShape, picture }: PictureTask): Promise<Uint8Array> {
  if (dataset === 'images') {
    const { fitImage } = await import('../images/index.js');
    const { fit, background } = picture ?? {};
    return fitImage(read, { shape: inputShape as [number, number, number], fit, background });
  }
  return (dataset === 'mnist' || dataset === 'mnist-subset') && String(inputShape) === '1,28,28'
    ? toMnistInput(read)
    : toImageInput(read, inputShape as [number, number, number]);
}
