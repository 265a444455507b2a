/** The test cases of the ONNX standard, as Debian's libonnx-testdata installs them. */
import fs from 'node:fs';
import path from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { TensorProtoSchema } from 'onnx-buf';
import { type LanewiseError, noGrad, scope, type Tensor, tensor, UnsupportedError } from '../../src/index.js';
import { storageOf, typeName } from '../../src/onnx/elements.js';
import { importOnnx } from '../../src/onnx/index.js';
import { type Constant, readTensor } from '../../src/onnx/tensors.js';

export const DATA = '/usr/share/libonnx-testdata/data';
/** Debian's package of them. */
export const INSTALLED = fs.existsSync(`${DATA}/node`);

export interface Outcome {
  readonly name: string;
  readonly status: 'passed' | 'refused' | 'failed';
  /** What was refused: an operator, or an operator and an element type; or what went wrong. */
  readonly reason: string;
}

/** Those of ONNX's own runner. */
const [RELATIVE, ABSOLUTE] = [1e-3, 1e-7];

const asTensor = ({ type, shape, numbers }: Constant): Tensor => tensor(numbers, { shape, dtype: storageOf(type)! });

const read = (file: string): Constant =>
  readTensor(fromBinary(TensorProtoSchema, fs.readFileSync(file)), path.basename(file), true);

/** The files `input_0.pb`, `input_1.pb`, … of a data set. */
function readAll(folder: string, kind: 'input' | 'output'): Constant[] {
  const files = fs.readdirSync(folder).filter((file) => file.startsWith(`${kind}_`));
  return files.map((_, i) => read(path.join(folder, `${kind}_${i}.pb`)));
}

function difference(got: Tensor, want: Constant): string | undefined {
  const asShape = (shape: readonly number[]) => `[${shape.join(', ')}]`;
  if (asShape(got.shape) !== asShape(want.shape)) return `shape ${asShape(got.shape)}, not ${asShape(want.shape)}`;
  if (got.dtype !== storageOf(want.type)) return `dtype ${got.dtype}, not that of ${typeName(want.type)}`;
  const values = got.data();
  for (let i = 0; i < values.length; i++) {
    const [a, b] = [values[i]!, want.numbers[i]!];
    if (Object.is(a, b) || a === b) continue;
    if (!(Math.abs(a - b) <= ABSOLUTE + RELATIVE * Math.abs(b))) return `element ${i} is ${a}, not ${b}`;
  }
  return undefined;
}

/** What an error is about, for the table: the operators that are refused. */
function reasonOf(error: LanewiseError): string {
  const lines = error.message.split('\n').filter((line) => line.startsWith('  ') && !line.startsWith('  hint'));
  if (lines.length === 0) return error.message.split('\n')[0]!;
  return [...new Set(lines.map((line) => line.trim().replace(/^(\S+) .*?: /, '$1: ')))].join('; ');
}

/** Runs one case: a folder with a model and data sets. */
export function runCase(folder: string): Outcome {
  const name = path.basename(folder);
  const refused = (reason: string): Outcome => ({ name, status: 'refused', reason });
  try {
    const bytes = fs.readFileSync(path.join(folder, 'model.onnx'));
    const model = importOnnx<Tensor[]>(bytes);
    for (const set of fs.readdirSync(folder).filter((entry) => entry.startsWith('test_data_set'))) {
      const wanted = readAll(path.join(folder, set), 'output');
      const problem = scope(() =>
        noGrad(() => {
          const result = model.forward(...readAll(path.join(folder, set), 'input').map(asTensor)) as Tensor | Tensor[];
          const outputs = Array.isArray(result) ? result : [result];
          const problems = wanted.map((want, i) => difference(outputs[i]!, want));
          const at = problems.findIndex((found) => found !== undefined);
          return at < 0 ? undefined : `output ${at}: ${problems[at]}`;
        }),
      );
      if (problem !== undefined) return { name, status: 'failed', reason: problem };
    }
    return { name, status: 'passed', reason: '' };
  } catch (error) {
    if (error instanceof UnsupportedError) return refused(reasonOf(error));
    return { name, status: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** All cases of a kind: `node`, `simple`, `pytorch-converted`, `pytorch-operator`. */
export function runAll(kind: string): Outcome[] {
  return fs
    .readdirSync(path.join(DATA, kind))
    .filter((entry) => fs.existsSync(path.join(DATA, kind, entry, 'model.onnx')))
    .sort()
    .map((entry) => runCase(path.join(DATA, kind, entry)));
}
