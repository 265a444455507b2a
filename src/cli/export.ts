/** `lanewise export` */
import path from 'node:path';
import type { Command } from 'commander';
import { encode, type FileEnding } from '../formats/node/index.js';
import { scope, UnsupportedError, zeros } from '../index.js';
import { writeFileAtomic } from '../node/index.js';
import { exportOnnx } from '../onnx/index.js';
import { describeTask, type GivenTask, modelOf, type OptionTable } from '../recipes/index.js';
import { examples } from './help.js';
import { addOptions, givenOptions } from './options.js';
import { Output } from './output.js';
import { startRuntime } from './runtime.js';
import { TASK_OPTIONS, taskOf } from './taskOptions.js';
import { UsageError } from './usage.js';
import { modelFileIn, readAnyWeights, readModelFile, WEIGHTS_HELP } from './weights.js';

const FORMATS = ['onnx', 'pt', 'npz', 'safetensors'] as const;

const EXAMPLES = examples(
  [
    'lanewise export --checkpoint runs/mlp-bn-mnist/best.safetensors --format onnx',
    'lanewise export --checkpoint runs/mlp-bn-mnist/best.safetensors --format pt --out weights.pt',
    'lanewise export --checkpoint model.pt --format safetensors',
  ],
  'onnx has the model for inference, with any size of batch; it takes images as the training gave them to the model ' +
    '(scaled to [0, 1], or with --normalize standardised). The other formats have the weights, whatever their model: ' +
    'for torch.load, numpy.load and safetensors.',
);

const { labels: _, ...ABOUT } = TASK_OPTIONS;

const OPTIONS = {
  ...ABOUT,
  format: { kind: 'choice', choices: FORMATS, default: 'onnx', help: 'what to write' },
  out: {
    kind: 'text',
    default: null,
    value: 'FILE',
    help: 'where to write it',
    defaultHelp: 'the name of the checkpoint with the ending of the format',
  },
  json: { kind: 'flag', default: false, help: 'print one JSON object and nothing else on stdout' },
} as const satisfies OptionTable;

export function addExportCommand(program: Command): void {
  const command = program.command('export').description('Write saved weights for other programs.');
  addOptions(command, 'Options:', OPTIONS);
  command.requiredOption('--checkpoint <FILE>', WEIGHTS_HELP);
  command.addHelpText('after', EXAMPLES).action(() => runExport(givenOptions(command)));
}

async function runExport(options: Record<string, unknown>): Promise<void> {
  const { checkpoint: given, format = 'onnx', out, json } = options;
  const checkpoint = modelFileIn(given as string);
  const file =
    (out as string | undefined) ?? path.join(path.dirname(checkpoint), `${path.parse(checkpoint).name}.${format}`);
  if (path.extname(file) !== `.${format}`)
    throw new UsageError(`--out: ${file} does not end in .${format}, the format that is written`);
  if (path.resolve(file) === path.resolve(checkpoint)) throw new UsageError(`--out: ${file} is the checkpoint itself`);
  const output = new Output(json === true);
  await startRuntime(1, output);
  const bytes =
    format === 'onnx'
      ? await onnxOf(checkpoint, taskOf(options))
      : encode((await readAnyWeights(checkpoint)).tensors, format as FileEnding);
  writeFileAtomic(file, bytes);
  output.event('export', { checkpoint, format, file });
  output.line(`${checkpoint} → ${file}`);
}

/** The model as ONNX, with a note of what it is for: `predict` needs no other options then. */
async function onnxOf(checkpoint: string, given: GivenTask): Promise<Uint8Array> {
  const read = await readModelFile(checkpoint);
  if ('module' in read) {
    const { file, module, inputs } = read;
    return scope(() => {
      const examples = inputs.map(({ name, shape, dtype }) => zeros(exampleShape(file, name, shape), { dtype }));
      return exportOnnx(module, examples, {
        dynamicBatch: inputs.every(({ shape }) => typeof shape?.[0] !== 'number'),
      });
    });
  }
  const { model, task } = modelOf(read, given);
  return scope(() => exportOnnx(model, zeros([1, ...task.inputShape]), { metadata: describeTask(task) }));
}

/** The sizes in the file, and a batch of 1. */
function exampleShape(file: string, input: string, shape: readonly (number | string)[] | undefined): number[] {
  return (shape ?? ['?', '?']).map((size, axis) => {
    if (typeof size === 'number') return size;
    if (axis === 0) return 1;
    throw new UnsupportedError(`the input ${input} has an open size besides the batch: ${size}`, { where: file });
  });
}
