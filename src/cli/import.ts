/** `lanewise import` */
import type { Command } from 'commander';
import { load } from '../formats/node/index.js';
import { modelOf, type OptionTable, resolveSettings } from '../recipes/index.js';
import { plural } from '../text/numbers.js';
import { EVALUATION_OPTIONS, evaluateModel } from './eval.js';
import { examples } from './help.js';
import { addOptions, givenOptions } from './options.js';
import { Output } from './output.js';
import { startRuntime } from './runtime.js';
import { taskOf } from './taskOptions.js';

const EXAMPLES = examples(
  [
    'lanewise import model.pt',
    'lanewise import checkpoint.pt --key model_state_dict',
    'lanewise import model.pt --model mlp --hidden 128 --dataset mnist',
    'lanewise import tfjs/model.json',
  ],
  'PyTorch (.pt), NumPy (.npz, .npy), safetensors and TensorFlow.js (model.json) files are read. ' +
    'Nothing in them is run.',
);

const OPTIONS = {
  ...EVALUATION_OPTIONS,
  key: { kind: 'text', default: null, value: 'KEY', help: 'the part of a nested PyTorch checkpoint, by its keys' },
  lossy: {
    kind: 'flag',
    default: false,
    help: 'round float64 and limit int64 where float32 and int32 do not hold them',
  },
} as const satisfies OptionTable;

export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .description('List the tensors of a model of another program; with --model, evaluate it on the test images.')
    .argument('<file>', 'the model');
  addOptions(command, 'Options:', OPTIONS);
  command.addHelpText('after', EXAMPLES).action((file: string) => runImport(file, givenOptions(command)));
}

async function runImport(file: string, given: Record<string, unknown>): Promise<void> {
  const options = resolveSettings(OPTIONS, given);
  const output = new Output(options.json);
  await startRuntime(options.threads, output);
  const { key, lossy } = options;
  const loaded = await load(file, { lossy, ...(key !== null && { key }) });
  const { format, tensors } = loaded;
  const rows = Object.entries(tensors).map(([name, { dtype, shape, data }]) => ({
    name,
    dtype,
    shape,
    values: data.length,
  }));
  const values = rows.reduce((sum, row) => sum + row.values, 0);
  output.event('import', { file, format, values, tensors: rows });
  output.line(`${file}: ${format}, ${plural(rows.length, 'tensor')}, ${plural(values, 'value')}`);
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  for (const { name, dtype, shape } of rows) output.line(`  ${name.padEnd(width)}  ${dtype} [${shape.join(', ')}]`);
  if (loaded.format === 'tfjs-layers') for (const line of String(loaded.model).split('\n')) output.line(line);
  if (given.model === undefined) return;
  await evaluateModel(file, modelOf({ file, tensors, metadata: {} }, taskOf(given)), options, output);
}
