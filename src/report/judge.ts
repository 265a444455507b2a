/** What a model does on the samples that it is evaluated on: which classes it confuses, and where it is most wrong. */
import { encode } from 'fast-png';
import {
  ConfusionMatrix,
  type DataLoader,
  type Dataset,
  evaluate,
  type nn,
  predictedClasses,
  softmax,
} from '../index.js';

/** A sample that is not in the class that the model takes it for. */
export interface WrongSample {
  /** Its number in the data set. */
  readonly index: number;
  readonly right: number;
  readonly predicted: number;
  /** Probabilities of the right class and of the predicted one. */
  readonly rightShare: number;
  readonly predictedShare: number;
  /** A PNG file as a data: URL; null where the sample is no image. */
  readonly picture: string | null;
}

/** Of all samples of a loader. */
export interface Judgement {
  /** `counts[right][predicted]` */
  readonly counts: readonly (readonly number[])[];
  /** Those whose right class has the lowest probabilities, the worst first. */
  readonly worst: readonly WrongSample[];
}

const MOST_SAMPLES = 24;

/** Evaluates a classifier once more, sample by sample. */
export async function judgeClassifier(model: nn.Module, loader: DataLoader, classes: number): Promise<Judgement> {
  const confusion = new ConfusionMatrix(classes);
  let worst: Omit<WrongSample, 'picture'>[] = [];
  let seen = 0;
  await evaluate(model, loader, {
    onBatch: ({ output, target }) => {
      confusion.add(output, target);
      const shares = softmax(output, 1).view();
      const labels = target.view();
      predictedClasses(output).forEach((predicted, row) => {
        const right = labels[row]!;
        if (predicted === right) return;
        const [rightShare, predictedShare] = [shares[row * classes + right]!, shares[row * classes + predicted]!];
        worst.push({ index: seen + row, right, predicted, rightShare, predictedShare });
      });
      worst = worst.sort((a, b) => a.rightShare - b.rightShare || a.index - b.index).slice(0, MOST_SAMPLES);
      seen += target.size;
    },
  });
  return {
    counts: confusion.counts,
    worst: worst.map((sample) => ({ ...sample, picture: pictureOf(loader.dataset, sample.index) })),
  };
}

/** The longest side of a picture, in pixels: of larger images, every second, third, … pixel is shown. */
const LONGEST_SIDE = 192;

/** Of an image [1, C, H, W]: grey of the first channel, or the colours of three. */
function pictureOf(dataset: Dataset, index: number): string | null {
  const [x] = dataset.batch(Int32Array.of(index));
  try {
    const [, channels = 0, height = 0, width = 0] = x.shape;
    if (x.rank !== 4 || x.dtype !== 'float32') return null;
    const values = x.view();
    const [low, high] = rangeOf(values);
    const every = Math.ceil(Math.max(height, width) / LONGEST_SIDE);
    const [rows, columns, shown] = [Math.ceil(height / every), Math.ceil(width / every), channels === 3 ? 3 : 1];
    const data = new Uint8Array(rows * columns * shown);
    let at = 0;
    for (let row = 0; row < height; row += every) {
      for (let column = 0; column < width; column += every) {
        for (let channel = 0; channel < shown; channel++) {
          const value = values[(channel * height + row) * width + column]!;
          data[at++] = Math.round((255 * (value - low)) / (high - low));
        }
      }
    }
    const file = encode({ width: columns, height: rows, data, channels: shown, depth: 8 });
    return `data:image/png;base64,${Buffer.from(file).toString('base64')}`;
  } finally {
    x.dispose();
  }
}

/** [0, 1], which bytes are scaled to; else from the lowest value to the highest. */
function rangeOf(values: ArrayLike<number>): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return low >= 0 && high <= 1 ? [0, 1] : [low, high > low ? high : low + 1];
}
