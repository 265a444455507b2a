/** Models of other programs as those of the command line: pictures in, a score for each class out. */

import fs from 'node:fs';
import {
  CheckpointError,
  clamp,
  concat,
  DATASETS,
  type DatasetName,
  log,
  nn,
  noGrad,
  permute,
  scope,
  slice,
  type Tensor,
  tensor,
  transforms,
} from '../index.js';
import type { OnnxValue } from '../onnx/index.js';
import { type GivenTask, type LoadedModel, type Task, taskIn } from '../recipes/index.js';
import { plural } from '../text/numbers.js';
import { UsageError } from './usage.js';

/** A file with a model, not only with its weights. */
export interface WholeModel {
  readonly file: string;
  readonly format: 'onnx' | 'tfjs-layers';
  readonly module: nn.Module<Tensor[], Tensor | Tensor[]>;
  readonly inputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** What the command line says of a model whose file does not. */
export interface GivenModel extends GivenTask {
  /** Names of the classes, or a file with one in each line. */
  readonly labels?: string;
}

/** What a model for pictures is for. */
export interface PictureTask extends Pick<Task, 'inputShape' | 'classNames' | 'normalization' | 'picture' | 'scaler'> {
  /** null where only the names of the classes are known. */
  readonly dataset: Task['dataset'] | null;
}

/** A model for pictures, in evaluation mode: [N,C,H,W] → [N,classes]. */
export interface PictureModel extends Pick<LoadedModel, 'model' | 'transforms'> {
  readonly task: PictureTask;
}

/** @throws {CheckpointError} when the file does not say what it is for, or the model is not one for pictures */
export function pictureModelOf(whole: WholeModel, given: GivenModel): PictureModel {
  const { file, metadata } = whole;
  for (const name of ['model', 'hidden', 'channels'] as const)
    if (given[name] !== undefined) throw new UsageError(`--${name}: ${file} has the model itself`);
  const described = taskIn({ file, metadata });
  const dataset = given.dataset ?? described?.dataset ?? null;
  const facts = dataset !== null && Object.hasOwn(DATASETS, dataset) ? DATASETS[dataset as DatasetName] : null;
  const { labels } = given;
  const classNames = labels === undefined ? (described?.classNames ?? facts?.classes) : namesIn(labels);
  if (classNames === undefined) {
    throw new CheckpointError('the file does not say what its classes are', {
      where: file,
      hint: 'give the data set that it was trained on, or the names of its classes',
      options: ['dataset', 'labels'],
    });
  }
  if (given.normalize && facts === null)
    throw new CheckpointError('the mean and deviation of its images are not known', {
      where: file,
      hint: 'give the data set that it was trained on',
      options: ['dataset'],
    });
  const model = new ForPictures(whole, described?.inputShape ?? facts?.shape ?? null, classNames.length);
  const { mean = [], std = [] } = facts ?? {};
  const normalization = given.normalize ? { mean, std } : (described?.normalization ?? null);
  return {
    model: model.eval(),
    task: { dataset, inputShape: model.inputShape, classNames, normalization },
    transforms: normalization === null ? [] : [transforms.normalize(normalization)],
  };
}

/** A model of lanewise, with other names for its classes where they are given. */
export function labelled<T extends PictureModel>(made: T, labels: string | undefined, file: string): PictureModel {
  if (labels === undefined) return made;
  const classNames = namesIn(labels);
  const count = made.task.classNames.length;
  if (classNames.length !== count)
    throw new CheckpointError(
      `it gives ${plural(count, 'score')}, and there are ${plural(classNames.length, 'label')}`,
      { where: file },
    );
  return { ...made, task: { ...made.task, classNames } };
}

/** Names between commas, or on the lines of a file. */
function namesIn(labels: string): string[] {
  const names = fs.existsSync(labels) ? fs.readFileSync(labels, 'utf8').trimEnd().split(/\r?\n/) : labels.split(',');
  return names.map((name) => name.trim());
}

/** How a model takes images of the shape [C,H,W]. */
interface Layout {
  readonly shape: readonly [number, number, number];
  arrange(images: Tensor): Tensor;
}

/** The least positive number that float32 holds with all its digits. */
const TINY = 1.1754943508222875e-38;

/** A model of another program behind the interface of ours. */
class ForPictures extends nn.Module<[Tensor], Tensor> {
  readonly inputShape: readonly number[];
  readonly #inner: WholeModel['module'];
  readonly #layout: Layout;
  /** Length of the batch where the file has one; null: any. */
  readonly #batch: number | null;
  readonly #file: string;
  /** Which of its outputs has the scores. */
  readonly #output: number;
  /** Whether it gives probabilities, not scores. */
  readonly #isSoftmax: boolean;

  constructor({ file, module, inputs }: WholeModel, images: readonly number[] | null, classes: number) {
    super();
    this.#file = file;
    this.#inner = module.eval();
    const [input] = inputs;
    if (input === undefined || inputs.length > 1)
      throw this.#error(`it takes ${plural(inputs.length, 'input')}; those that take pictures have one`);
    if (input.dtype !== 'float32') throw this.#error(`it takes ${input.dtype}, not pictures as float32`);
    const sizes = input.shape?.map((size) => (typeof size === 'number' ? size : null)) ?? [null, ...(images ?? [])];
    this.#batch = sizes[0] ?? null;
    this.#layout = this.#layoutFor(sizes.slice(1), images);
    this.inputShape = this.#layout.shape;
    const [output, isSoftmax] = this.#probe(classes);
    this.#output = output;
    this.#isSoftmax = isSoftmax;
  }

  protected override members(): readonly nn.Member[] {
    return [['model', this.#inner]];
  }

  forward(images: Tensor): Tensor {
    const scores = this.#run(images)[this.#output]!.reshape([images.shape[0]!, -1]);
    return this.#isSoftmax ? log(clamp(scores, { min: TINY })) : scores;
  }

  /** All outputs. Where the file fixes the batch, the images go through it in parts; the last one is filled up. */
  #run(images: Tensor): Tensor[] {
    const x = this.#layout.arrange(images);
    const [count = 0] = x.shape;
    const batch = this.#batch ?? count;
    if (batch === count) return outputsOf(this.#inner.forward(x));
    const parts: Tensor[][] = [];
    for (let start = 0; start < count; start += batch) {
      const end = Math.min(start + batch, count);
      const part = slice(x, start, end);
      const filling = Array.from({ length: batch - (end - start) }, () => slice(x, end - 1, end));
      const outputs = outputsOf(this.#inner.forward(filling.length === 0 ? part : concat([part, ...filling])));
      parts.push(outputs.map((output) => slice(output, 0, end - start)));
    }
    return parts[0]!.map((_, i) => concat(parts.map((part) => part[i]!)));
  }

  /** @param sizes of the axes but the batch; null: any size */
  #layoutFor(sizes: readonly (number | null)[], images: readonly number[] | null): Layout {
    const fits = (shape: readonly number[]) =>
      shape.length === sizes.length && shape.every((length, axis) => (sizes[axis] ?? length) === length);
    const [channels = 1, height = 1, width = 1] = images ?? [];
    const own = [channels, height, width] as const;
    const isColour = (size: number) => (images === null ? size === 1 || size === 3 : size === channels);
    if (images !== null && fits(own)) return { shape: own, arrange: (x) => x };
    if (images !== null && fits([height, width, channels])) return { shape: own, arrange: channelsLast };
    if (images !== null && (fits([channels * height * width]) || (channels === 1 && fits([height, width]))))
      return { shape: own, arrange: (x) => x.reshape([x.shape[0]!, ...(sizes.length === 1 ? [-1] : [height, width])]) };
    const [a, b, c] = sizes;
    if (sizes.length === 3 && a != null && b != null && c != null) {
      if (isColour(a)) return { shape: [a, b, c], arrange: (x) => x };
      if (isColour(c)) return { shape: [c, a, b], arrange: channelsLast };
    }
    const text = `[${sizes.map((size) => size ?? 'any').join(', ')}]`;
    if (images === null && (sizes.length === 1 || sizes.includes(null)))
      throw this.#error(`it takes ${text} for a picture, which does not say how large pictures are`, ['dataset']);
    throw this.#error(
      images === null
        ? `it takes ${text}, not pictures of 1 or 3 channels`
        : `it takes ${text}, and the images of its data set are [${images.join(', ')}]`,
    );
  }

  /** Runs on two pictures: which output has a score for each class, and whether these are probabilities. */
  #probe(classes: number): [output: number, isSoftmax: boolean] {
    return scope(() =>
      noGrad(() => {
        const [channels, height, width] = this.#layout.shape;
        const values = Float32Array.from({ length: 2 * channels * height * width }, (_, i) => ((i * 37) % 101) / 101);
        const outputs = this.#run(tensor(values, { shape: [2, channels, height, width] }));
        const output = outputs.findIndex((y) => y.shape[0] === 2 && y.size === 2 * classes && y.dtype === 'float32');
        if (output < 0) {
          const shapes = outputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ');
          throw this.#error(`it gives ${shapes} for two pictures, not a score for each of ${classes} classes`, [
            'dataset',
            'labels',
          ]);
        }
        const numbers = Array.from(outputs[output]!.data());
        const sums = [numbers.slice(0, classes), numbers.slice(classes)].map((row) => row.reduce((a, b) => a + b));
        const isSoftmax = numbers.every((n) => n >= 0) && sums.every((sum) => Math.abs(sum - 1) < 1e-3);
        return [output, isSoftmax && classes > 1];
      }),
    );
  }

  #error(problem: string, options?: readonly string[]): CheckpointError {
    const hint = 'give the data set that it was trained on';
    return new CheckpointError(problem, { where: this.#file, ...(options !== undefined && { hint, options }) });
  }
}

const channelsLast = (x: Tensor): Tensor => permute(x, [0, 2, 3, 1]);
const outputsOf = (given: unknown): Tensor[] => (Array.isArray(given) ? (given as Tensor[]) : [given as Tensor]);
