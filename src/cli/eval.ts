/** `lanewise eval` */
import type { Command } from 'commander';
import {
  CheckpointError,
  ConfusionMatrix,
  DataLoader,
  type DatasetName,
  digest,
  evaluate,
  MissingDataError,
  runtimeInfo,
} from '../index.js';
import { loadDataset, loadEvaluationImages } from '../node/index.js';
import { EVALUATION_BATCH, type OptionTable, resolveSettings, type Settings, TRAIN_OPTIONS } from '../recipes/index.js';
import { percent, plural } from '../text/numbers.js';
import { examples } from './help.js';
import { addOptions, givenOptions } from './options.js';
import { Output } from './output.js';
import type { PictureModel } from './pictureModel.js';
import { RUN_OPTIONS } from './runOptions.js';
import { startRuntime } from './runtime.js';
import { evaluateOnTable } from './tableModel.js';
import { TASK_OPTIONS, taskOf } from './taskOptions.js';
import { loadAnyModel, modelFileIn, WEIGHTS_HELP } from './weights.js';

const EXAMPLES = examples([
  'lanewise eval --checkpoint runs/mlp-bn-mnist/best.safetensors',
  'lanewise eval --checkpoint runs/mlp-bn-mnist/best.safetensors --dataset fashion-mnist --json',
  'lanewise eval --checkpoint from-pytorch.pt --model mlp --hidden 1024,512',
  'lanewise eval --checkpoint model.onnx --dataset mnist',
  'lanewise eval --checkpoint runs/cnn-bn-images --data photos',
  'lanewise eval --checkpoint runs/mlp-table --data test.csv',
]);

/** The options of an evaluation. */
export const EVALUATION_OPTIONS = {
  ...TASK_OPTIONS,
  data: TRAIN_OPTIONS.data,
  confusion: { kind: 'flag', default: false, help: 'show how often each class was taken for each' },
  threads: RUN_OPTIONS.threads,
  wide: RUN_OPTIONS.wide,
  json: { kind: 'flag', default: false, help: 'print one JSON object and nothing else on stdout' },
} as const satisfies OptionTable;

export function addEvalCommand(program: Command): void {
  const command = program.command('eval').description('Evaluate a saved model on the test images, or on a table.');
  addOptions(command, 'Options:', EVALUATION_OPTIONS);
  command.requiredOption('--checkpoint <FILE>', WEIGHTS_HELP);
  command.addHelpText('after', EXAMPLES).action(() => runEval(givenOptions(command)));
}

async function runEval({ checkpoint, ...given }: Record<string, unknown>): Promise<void> {
  const options = resolveSettings(EVALUATION_OPTIONS, given);
  const output = new Output(options.json);
  await startRuntime(options.threads, output, options.wide);
  const file = modelFileIn(checkpoint as string);
  await evaluateModel(file, await loadAnyModel(file, taskOf(given)), options, output);
}

/** Says how well a model does on the test images of its data set. */
export async function evaluateModel(
  checkpoint: string,
  { model, task, transforms }: PictureModel,
  options: Pick<Settings<typeof EVALUATION_OPTIONS>, 'data' | 'confusion'>,
  output: Output,
): Promise<void> {
  if (task.scaler !== undefined) return evaluateOnTable(checkpoint, { model, scaler: task.scaler }, options, output);
  if (task.dataset === null)
    throw new CheckpointError('the file does not say which data set it was trained on', {
      where: checkpoint,
      hint: 'give one',
      options: ['dataset'],
    });
  const data = await testImagesOf(task, checkpoint, options.data);
  for (const note of data.notes) output.note(`note: ${note}`);
  const confusion = new ConfusionMatrix(task.classNames.length);
  const { loss, accuracy, images } = await evaluate(
    model,
    new DataLoader(data.test, { batchSize: EVALUATION_BATCH, transforms }),
    {
      onBatch: ({ output: scores, target }) => confusion.add(scores, target),
    },
  );
  output.event('eval', {
    checkpoint,
    dataset: data.name,
    images,
    testLoss: loss,
    testAccuracy: accuracy,
    digest: digest(model.stateDict()),
    ...(runtimeInfo().variant === 'wide' && { runtime: runtimeInfo() }),
    ...(options.confusion && { confusion: confusion.counts }),
  });
  const name = task.dataset === 'images' ? options.data : data.name;
  output.line(`${plural(images, 'test image')} of ${name}: loss ${loss.toFixed(4)} accuracy ${percent(accuracy!)}`);
  if (!options.confusion) return;
  output.line('right class by row, predicted one by column:');
  for (const row of String(confusion).split('\n')) output.line(row);
}

/** The images to evaluate on: those of a folder of pictures, or of the data set that the model was trained on. */
async function testImagesOf(task: PictureModel['task'], checkpoint: string, directory: string | null) {
  if (task.dataset === 'images') {
    if (directory === null)
      throw new MissingDataError('no folder is given to evaluate on', {
        where: checkpoint,
        hint: 'give a folder with a folder for each class',
        options: ['data'],
      });
    return { name: 'images', ...(await loadEvaluationImages(directory, task)) };
  }
  const data = await loadDataset(task.dataset as DatasetName, { data: directory ?? undefined });
  const inputShape = data.train.x.shape.slice(1);
  if (String(inputShape) !== String(task.inputShape)) {
    throw new CheckpointError(
      `the model takes images of shape [${task.inputShape}], those of ${data.name} have [${inputShape}]`,
      { where: checkpoint },
    );
  }
  return data;
}
