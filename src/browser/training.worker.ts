/** The worker of one run: builds the model of a recipe, trains it, and answers what the page asks about it. */
import {
  crossEntropy,
  DataLoader,
  limit,
  type nn,
  softmax,
  type Tensor,
  TensorDataset,
  tensor,
  zeros,
} from '../index.js';
import { EVALUATION_BATCH, type Normalization, prepareTraining } from '../recipes/index.js';
import { serveTraining } from '../worker/index.js';
import type { Digits, ImageSet } from './digits.js';
import { featureMaps, firstFilters, type Histogram, histograms, inUse, type Pictures } from './inspect.js';
import type { Recipe } from './settings.js';

/** Test images that histograms and quick tests look at. */
const PROBED = { histograms: 200, test: 1000 };

/** A quick test while training goes on: the first test images only. */
export interface Probe {
  /** After which step. */
  readonly step: number;
  readonly images: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** What the model says of every test image. */
export interface TestResults extends Probe {
  readonly labels: Uint8Array;
  readonly predicted: Uint8Array;
  /** Probability of the class predicted, and of the right one. */
  readonly confidence: Float32Array;
  readonly truth: Float32Array;
}

export interface Learned {
  readonly filters: Pictures;
  readonly histograms: readonly Histogram[];
}

serveTraining(async ({ settings }: Recipe, { height, width, classes, train, test, normalization }: Digits) => {
  const shape = [1, height, width] as const;
  const [trainSet, testSet] = [await datasetOf(train, shape, classes), await datasetOf(test, shape, classes)];
  const { mean, std } = normalization ?? (settings.normalize ? measure(trainSet) : { mean: [], std: [] });
  const images = { train: trainSet, test: testSet, classes, mean, std };
  const { model, testLoader, transforms, fitOptions } = prepareTraining(settings, images);
  const probed = limit(testLoader.dataset, PROBED.test);
  const probeLoader = new DataLoader(probed, { batchSize: EVALUATION_BATCH, transforms });

  let step = 0;
  /** Images as the model takes them. */
  const imagesOf = (bytes: Uint8Array): Tensor => {
    const count = bytes.length / (height * width);
    const pictures = new TensorDataset(
      tensor(bytes, { shape: [count, ...shape], dtype: 'uint8' }),
      zeros([count], { dtype: 'int32' }),
    );
    return pictures.batch(firstOf(count), { transforms })[0];
  };
  return {
    model,
    fit: { ...fitOptions, onBatch: (report) => ({ step } = report) },
    requests: {
      probe: (): Probe => {
        const { images, loss, accuracy } = testOn(model, probeLoader);
        return { step, images, loss, accuracy };
      },
      test: (): TestResults => ({ ...testOn(model, testLoader), step }),
      /** Probabilities [images, classes] of images given as bytes. */
      predict: (bytes: Uint8Array): Float32Array =>
        inUse(model, () => softmax(model.forward(imagesOf(bytes)), 1).data('float32')),
      maps: (bytes: Uint8Array): Pictures[] => inUse(model, () => featureMaps(model, imagesOf(bytes))),
      learned: (): Learned =>
        inUse(model, () => {
          const [images] = testSet.batch(firstOf(Math.min(PROBED.histograms, testSet.length)), { transforms });
          return { filters: firstFilters(model, shape), histograms: histograms(model, images) };
        }),
    },
  };
});

const firstOf = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

/** Mean and deviation of all pixels, scaled to [0, 1]. */
function measure({ x }: TensorDataset): Normalization {
  const pixels = x.data();
  let [sum, squares] = [0, 0];
  for (const value of pixels) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / pixels.length;
  return { mean: [mean / 255], std: [Math.sqrt(squares / pixels.length - mean * mean) / 255] };
}

async function datasetOf(
  { images, labels, count }: ImageSet,
  shape: readonly number[],
  classes: readonly string[],
): Promise<TensorDataset> {
  const bytes = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());
  const x = tensor(await bytes(images), { shape: [count, ...shape], dtype: 'uint8' });
  const y = tensor(Int32Array.from(await bytes(labels)), { shape: [count], dtype: 'int32' });
  return new TensorDataset(x, y, { classes });
}

function testOn(model: nn.Module, loader: DataLoader): Omit<TestResults, 'step'> {
  const count = loader.dataset.length;
  const results = {
    labels: new Uint8Array(count),
    predicted: new Uint8Array(count),
    confidence: new Float32Array(count),
    truth: new Float32Array(count),
  };
  let [at, loss, right] = [0, 0, 0];
  inUse(model, () => {
    for (const [x, y] of loader.from(0, 0)) {
      const scores = model.forward(x);
      const probabilities = softmax(scores, 1);
      const [rows, columns] = scores.shape as readonly [number, number];
      loss += crossEntropy(scores, y).item() * rows;
      const values = probabilities.data('float32');
      y.data().forEach((label, row) => {
        const own = values.subarray(row * columns, (row + 1) * columns);
        const predicted = own.reduce((best, value, i) => (value > own[best]! ? i : best), 0);
        results.labels[at] = label;
        results.predicted[at] = predicted;
        results.confidence[at] = own[predicted]!;
        results.truth[at] = own[label]!;
        if (predicted === label) right++;
        at++;
      });
    }
  });
  return { ...results, images: count, loss: loss / count, accuracy: right / count };
}
