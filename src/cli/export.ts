/** `lanewise export` */
import path from 'node:path';
import type { Command } from 'commander';
import { encode, type FileEnding } from '../formats/node/index.js';
import { scope, zeros } from '../index.js';
import { writeFileAtomic } from '../node/index.js';
import { exportOnnx } from '../onnx/index.js';
import type { OptionTable } from '../recipes/index.js';
import { examples } from './help.js';
import { addOptions, givenOptions } from './options.js';
import { Output } from './output.js';
import { startRuntime } from './runtime.js';
import { TASK_OPTIONS } from './taskOptions.js';
import { UsageError } from './usage.js';
import { loadAnyModel, readAnyWeights, WEIGHTS_HELP } from './weights.js';

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

const OPTIONS = {
  ...TASK_OPTIONS,
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
  const { checkpoint: given, format = 'onnx', out, json, ...task } = options;
  const checkpoint = given as string;
  const file =
    (out as string | undefined) ?? path.join(path.dirname(checkpoint), `${path.parse(checkpoint).name}.${format}`);
  if (path.extname(file) !== `.${format}`)
    throw new UsageError(`--out: ${file} does not end in .${format}, the format that is written`);
  if (path.resolve(file) === path.resolve(checkpoint)) throw new UsageError(`--out: ${file} is the checkpoint itself`);
  const output = new Output(json === true);
  if (format === 'onnx') {
    await startRuntime(1, output);
    const { model, task: about } = loadAnyModel(checkpoint, task);
    writeFileAtomic(
      file,
      scope(() => exportOnnx(model.eval(), zeros([1, ...about.inputShape]))),
    );
  } else writeFileAtomic(file, encode(readAnyWeights(checkpoint).tensors, format as FileEnding));
  output.event('export', { checkpoint, format, file });
  output.line(`${checkpoint} → ${file}`);
}
