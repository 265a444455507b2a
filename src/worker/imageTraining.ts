/** A named model on images, by settings: what lanewise's own worker trains. */
import { noGrad } from '../autograd/tape.js';
import { TensorDataset } from '../data/dataset.js';
import { fetchMnist } from '../data/fetch.js';
import { softmax } from '../ops/index.js';
import { DATA_OPTIONS } from '../recipes/dataSettings.js';
import { prepareTraining, sampleShape, type TrainingImages } from '../recipes/prepare.js';
import { resolveTrainSettings } from '../recipes/resolve.js';
import type { TrainSettings } from '../recipes/settings.js';
import { checkArguments } from '../runtime/arguments.js';
import { describe } from '../runtime/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../runtime/errors.js';
import { empty, tensor } from '../tensor/create.js';
import { dtypeOf } from '../tensor/dtype.js';
import { scope } from '../tensor/scope.js';
import type { ServedTraining } from './serveTraining.js';

/** Images and their classes. */
export interface LabelledImages {
  /** Pixels from 0 to 255, image after image, each [C, H, W]. */
  readonly images: Uint8Array;
  readonly labels: Uint8Array | Int32Array;
}

/** Images in memory. */
export interface ImageArrays {
  readonly train: LabelledImages;
  readonly test?: LabelledImages;
  /** Channels, height and width of an image. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  /** Of each channel, in pixels scaled to [0, 1]: for the setting `normalize`. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

/** Images in memory, or where the four files of MNIST lie: an address, or a directory in Node (see `fetchMnist`). */
export type ImageSource = ImageArrays | { readonly mnist: string };

/** Settings of a training whose images come from elsewhere. */
export type ImageTrainSettings = Omit<TrainSettings, keyof typeof DATA_OPTIONS | 'init'>;

const GIVEN = "given!={ model: 'mlp'|any, epochs: 3|any, ... }";
const FILES_CALL = `imageTraining(${GIVEN}, source={ mnist!: "/mnist/" })`;
const ARRAYS_CALL =
  `imageTraining(${GIVEN}, source={ train!: { images!: numbers, labels!: numbers }, shape!: [1, 28, 28], ` +
  'classes!: 10, test: { images!: numbers, labels!: numbers }, mean: [0.5], std: [0.5] })';
const ELSEWHERE = [...Object.keys(DATA_OPTIONS), 'init'];

/**
 * What `settings` and the images make. Answers the request `predict`: the probabilities of each class, image after
 * image, for inputs [N, C, H, W] as the model was trained on them (a Float32Array).
 *
 * @throws {ArgumentError} on settings that are not allowed
 * @throws {ShapeError} when the images do not fill their shape
 */
export async function imageTraining(given: Partial<ImageTrainSettings>, source: ImageSource): Promise<ServedTraining> {
  const inMemory = (source as Partial<ImageArrays> | undefined)?.train !== undefined;
  checkArguments(inMemory ? ARRAYS_CALL : FILES_CALL, given, source);
  const idle = Object.keys(given).filter((name) => ELSEWHERE.includes(name));
  if (idle.length > 0)
    throw new ArgumentError(
      `${idle.join(', ')} cannot be given: the images come with the option data, and weights by the request load`,
      { where: 'trainInWorker' },
    );
  const images = await imagesOf(source);
  const { model, fitOptions } = prepareTraining(resolveTrainSettings(given), images);
  const inputShape = sampleShape(images.train);
  return {
    model,
    fit: fitOptions,
    requests: {
      predict: (inputs: Float32Array) =>
        scope(() =>
          noGrad(() => {
            checkArguments('predict(inputs=numbers)', inputs);
            const shape = [inputs.length / inputShape.reduce((product, size) => product * size), ...inputShape];
            model.eval();
            return softmax(model.forward(tensor(inputs, { shape })), 1).data();
          }),
        ),
    },
  };
}

async function imagesOf(source: ImageSource): Promise<TrainingImages> {
  if ('mnist' in source) return fetchMnist(source.mnist);
  const { train, test, classes, mean = [], std = [] } = source;
  return {
    train: datasetOf(train, source),
    test: test && datasetOf(test, source),
    mean,
    std,
    classes: Array.from({ length: classes }, (_, label) => String(label)),
  };
}

function datasetOf({ images, labels }: LabelledImages, { shape, classes }: ImageArrays): TensorDataset {
  const size = shape.reduce((product, side) => product * side, 1);
  if (images.length !== labels.length * size)
    throw new ShapeError(`${images.length} pixels are not ${labels.length} images of ${shape.join('×')}`, {
      where: 'trainInWorker: data',
    });
  if (dtypeOf(images, 'trainInWorker: data') !== 'uint8') {
    throw new DTypeError(`the images must be bytes (a Uint8Array), not ${describe(images)}`, {
      where: 'trainInWorker: data',
      hint: 'scale the pixels to 0 … 255',
    });
  }
  const wrong = Array.from(labels).find((label) => !Number.isInteger(label) || label < 0 || label >= classes);
  if (wrong !== undefined)
    throw new ArgumentError(`label ${wrong} is none of the ${classes} classes`, { where: 'trainInWorker: data' });
  const x = empty([labels.length, ...shape], 'uint8').assign(images);
  return new TensorDataset(x, empty([labels.length], 'int32').assign(Int32Array.from(labels)));
}
