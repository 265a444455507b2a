/** `lanewise import` */
import type { Command } from 'commander';
import { OnnxModule } from '../onnx/index.js';
import { type OptionTable, resolveSettings } from '../recipes/index.js';
import { plural } from '../text/numbers.js';
import { EVALUATION_OPTIONS, evaluateModel } from './eval.js';
import { examples } from './help.js';
import { addOptions, givenOptions } from './options.js';
import { Output } from './output.js';
import { pictureModelOf } from './pictureModel.js';
import { startRuntime } from './runtime.js';
import { taskOf } from './taskOptions.js';
import { readModelFile, storedState, weightsModelOf } from './weights.js';

const EXAMPLES = examples(
  [
    'lanewise import model.pt',
    'lanewise import checkpoint.pt --key model_state_dict',
    'lanewise import model.pt --model mlp --hidden 128 --dataset mnist',
    'lanewise import model.onnx --dataset mnist',
    'lanewise import tfjs/model.json',
  ],
  'PyTorch (.pt), NumPy (.npz, .npy), safetensors, ONNX and TensorFlow.js (model.json) files are read. ' +
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
    .description('List the tensors of a model of another program; with --dataset, evaluate it on the test images.')
    .argument('<model>', 'the file, or the directory of a run or of a TensorFlow.js model');
  addOptions(command, 'Options:', OPTIONS);
  command.addHelpText('after', EXAMPLES).action((file: string) => runImport(file, givenOptions(command)));
}

async function runImport(given: string, { ...flags }: Record<string, unknown>): Promise<void> {
  const options = resolveSettings(OPTIONS, flags);
  const output = new Output(options.json);
  await startRuntime(options.threads, output);
  const { key, lossy } = options;
  const read = await readModelFile(given, { lossy, anything: true, ...(key !== null && { key }) });
  const { file, format } = read;
  const tensors = 'module' in read ? storedState(read.module) : read.tensors;
  const rows = Object.entries(tensors).map(([name, { dtype, shape, data }]) => ({
    name,
    dtype,
    shape,
    values: data.length,
  }));
  const values = rows.reduce((sum, row) => sum + row.values, 0);
  const ports = 'module' in read && read.module instanceof OnnxModule ? read.module : undefined;
  output.event('import', {
    file,
    format,
    values,
    ...(ports && { opset: ports.opset, inputs: ports.inputs, outputs: ports.outputs }),
    tensors: rows,
  });
  output.line(`${file}: ${format}, ${plural(rows.length, 'tensor')}, ${plural(values, 'value')}`);
  for (const { name, dtype, shape } of ports?.inputs ?? []) output.line(`  input ${name}: ${dtype} ${sizes(shape)}`);
  for (const { name, dtype, shape } of ports?.outputs ?? []) output.line(`  output ${name}: ${dtype} ${sizes(shape)}`);
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  for (const { name, dtype, shape } of rows) output.line(`  ${name.padEnd(width)}  ${dtype} ${sizes(shape)}`);
  if ('module' in read && ports === undefined) for (const line of String(read.module).split('\n')) output.line(line);
  if (flags.model === undefined && flags.dataset === undefined) return;
  const task = taskOf(flags);
  const model = 'module' in read ? pictureModelOf(read, task) : weightsModelOf(read, task);
  await evaluateModel(file, model, options, output);
}

const sizes = (shape: readonly (number | string)[] | undefined): string => (shape ? `[${shape.join(', ')}]` : '');
