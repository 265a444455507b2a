/** The table of a model's layers. */

import { noGrad } from '../../autograd/tape.js';
import { checkArguments } from '../../runtime/arguments.js';
import { zeros } from '../../tensor/create.js';
import { bytesPerElement, type DType } from '../../tensor/dtype.js';
import { formatShape, type Shape } from '../../tensor/shape.js';
import { Tensor } from '../../tensor/tensor.js';
import { modesOf } from './modes.js';
import type { Parameter } from './parameter.js';
import { observe, type Watched } from './watch.js';

/** What the model is run on for its table. */
export interface SummaryOptions {
  /** Samples in the batch that is run; the output shapes begin with it. Default: 1. */
  readonly batchSize?: number;
  /** Of the input. Default: float32; int32 for a model that begins with an Embedding. */
  readonly dtype?: DType;
}

/** What the table reads of a module. (`Module` imports this file.) */
interface Summarized extends Watched {
  training: boolean;
  namedModules(): [string, Summarized][];
  namedParameters(): [string, Parameter][];
  buffers(): Tensor[];
  eval(): unknown;
}

interface Row {
  readonly layer: string;
  readonly output: string;
  readonly parameters: string;
}

/** See `Module.summary`. */
export function summarize(model: Summarized, input: readonly unknown[], options: SummaryOptions): string {
  checkArguments('model.summary(input=[1]|[any], { batchSize: 1, dtype: "float32" })', input, options);
  const { batchSize = 1, dtype = 'float32' } = options;
  const modules = model.namedModules();
  const paths = new Set(modules.map(([path]) => path));
  const { outputs, activationBytes } = runOnce(model, () =>
    isShape(input) ? [zeros([batchSize, ...input], { dtype })] : input,
  );

  const counts = new Map<string, number>();
  for (const [key, { size }] of model.namedParameters()) {
    const owner = containerOf(key, paths);
    counts.set(owner, (counts.get(owner) ?? 0) + size);
  }
  const label = (path: string): string =>
    path === '' ? '' : `${path.slice(containerOf(path, paths).length).replace(/^\./, '')}: `;
  const rows = modules.map(
    ([path, module]): Row => ({
      layer: `${'  '.repeat(depthOf(path, paths))}${label(path)}${module.constructor.name}`,
      output: outputs.get(module) ?? 'not run',
      parameters: format(counts.get(path) ?? 0),
    }),
  );

  const parameters = model.namedParameters().map(([, parameter]) => parameter);
  const buffers = model.buffers();
  const trained = parameters.filter(({ requiresGrad }) => requiresGrad);
  return [
    ...table([{ layer: 'Layer', output: 'Output shape', parameters: 'Parameters' }, ...rows]),
    `Parameters   ${format(sizeOfAll(parameters))}, of which ${format(sizeOfAll(trained))} ` +
      `trained: ${formatBytes(bytesOfAll(parameters))}`,
    `Buffers      ${format(sizeOfAll(buffers))}: ${formatBytes(bytesOfAll(buffers))}`,
    `Activations  ${formatBytes(activationBytes)} for ` +
      (isShape(input) ? `${batchSize} ${batchSize === 1 ? 'sample' : 'samples'}` : 'these inputs'),
  ].join('\n');
}

/** `[2, 3]`, or those of several. */
function shapesOf(output: unknown): string {
  if (output instanceof Tensor) return formatShape(output.shape);
  return Array.isArray(output) ? output.map(shapesOf).join(' ') : typeof output;
}

const isShape = (input: readonly unknown[]): input is Shape => input.every((item) => typeof item === 'number');

/** The output shape of each module, and what the layers' outputs take together, as in evaluation. */
function runOnce(
  model: Summarized,
  inputs: () => readonly unknown[],
): { outputs: Map<Watched, string>; activationBytes: number } {
  const outputs = new Map<Watched, string>();
  let activationBytes = 0;
  const stop = observe(({ module, inputs: [x], output }) => {
    outputs.set(module, shapesOf(output));
    // A container's output is that of a layer in it, and a reshape takes nothing.
    const fresh =
      output instanceof Tensor &&
      module.namedChildren().length === 0 &&
      !(x instanceof Tensor && x.storage === output.storage);
    if (fresh) activationBytes += bytesOfAll([output]);
  });
  const restoreModes = modesOf(model);
  try {
    model.eval();
    noGrad(() => {
      (model.forward as (...inputs: readonly unknown[]) => unknown)(...inputs());
    });
  } finally {
    stop();
    restoreModes();
  }
  return { outputs, activationBytes };
}

/** The path of the module that directly contains what `path` names. */
function containerOf(path: string, paths: ReadonlySet<string>): string {
  let container = path;
  do container = container.slice(0, Math.max(container.lastIndexOf('.'), 0));
  while (!paths.has(container));
  return container;
}

function depthOf(path: string, paths: ReadonlySet<string>): number {
  return path === '' ? 0 : 1 + depthOf(containerOf(path, paths), paths);
}

function table(rows: readonly Row[]): string[] {
  const width = (key: keyof Row) => Math.max(...rows.map((row) => row[key].length));
  const [layer, output, parameters] = [width('layer'), width('output'), width('parameters')];
  const lines = rows.map(
    (row) => `${row.layer.padEnd(layer)}  ${row.output.padEnd(output)}  ${row.parameters.padStart(parameters)}`,
  );
  const rule = '─'.repeat(layer + output + parameters + 4);
  return [lines[0]!, rule, ...lines.slice(1), rule];
}

const format = (count: number) => count.toLocaleString('en-US');
const sizeOfAll = (tensors: readonly Tensor[]) => tensors.reduce((sum, { size }) => sum + size, 0);
const bytesOfAll = (tensors: readonly Tensor[]) =>
  tensors.reduce((sum, { size, dtype }) => sum + size * bytesPerElement(dtype), 0);

function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
