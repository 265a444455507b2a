/** `lanewise export` */
import path from 'node:path';
import type { Command } from 'commander';
import { save } from '../formats/node/index.js';
import { scope, zeros } from '../index.js';
import { loadModel, writeFileAtomic } from '../node/index.js';
import { exportOnnx } from '../onnx/index.js';
import type { OptionTable } from '../recipes/index.js';
import { addOptions, givenOptions } from './options.js';
import { Output } from './output.js';
import { startRuntime } from './runtime.js';
import { TASK_OPTIONS } from './taskOptions.js';
import { UsageError } from './usage.js';

const FORMATS = ['onnx', 'pt', 'npz'] as const;

const EXAMPLES = `
Examples:
  lanewise export --checkpoint runs/mlp-bn-mnist/best.safetensors --format onnx
  lanewise export --checkpoint runs/mlp-bn-mnist/best.safetensors --format pt --out weights.pt

onnx has the model for inference, with any size of batch; it takes images as the training gave them to the model (scaled
to [0, 1], or with --normalize standardised). pt and npz have the weights, for torch.load and numpy.load.`;

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
  command.requiredOption('--checkpoint <FILE>', 'the weights, a .safetensors file');
  command.addHelpText('after', EXAMPLES).action(() => runExport(givenOptions(command)));
}

async function runExport(options: Record<string, unknown>): Promise<void> {
  const { checkpoint: given, format = 'onnx', out, json, ...task } = options;
  const checkpoint = given as string;
  const file =
    (out as string | undefined) ?? path.join(path.dirname(checkpoint), `${path.parse(checkpoint).name}.${format}`);
  if (path.extname(file) !== `.${format}`)
    throw new UsageError(`--out: ${file} does not end in .${format}, the format that is written`);
  const output = new Output(json === true);
  await startRuntime(1, output);
  const { model, task: about } = loadModel(checkpoint, task);
  if (format === 'onnx') {
    const bytes = scope(() => exportOnnx(model.eval(), zeros([1, ...about.inputShape])));
    writeFileAtomic(file, bytes);
  } else await save(model.stateDict(), file);
  output.event('export', { checkpoint, format, file });
  output.line(`${checkpoint} → ${file}`);
}
