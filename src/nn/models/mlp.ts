import { checkArguments } from '../../runtime/arguments.js';
import { ReLU } from '../activations/relu.js';
import { Sequential } from '../containers/sequential.js';
import type { Module } from '../core/module.js';
import { BatchNorm1d } from '../layers/batchNorm1d.js';
import { Flatten } from '../layers/flatten.js';
import { Linear } from '../layers/linear.js';

/** What a multilayer perceptron is made of. */
export interface MlpOptions {
  /**
   * Sizes of the hidden layers: k − 1 of them make a k-layer perceptron. Default: none, which is a linear classifier.
   */
  readonly hidden?: readonly number[];
  /** Default: 10. */
  readonly classes?: number;
  /** Whether batch normalisation follows each hidden linear layer. Default: false. */
  readonly batchNorm?: boolean;
  /** Whether the linear layers have biases. Default: true. */
  readonly bias?: boolean;
}

/** What a multilayer perceptron for images is made of. */
export interface ImageMlpOptions extends MlpOptions {
  /** Channels, height and width of the images. Default: [1, 28, 28]. */
  readonly inputShape?: readonly number[];
}

/** What a multilayer perceptron for feature vectors is made of. */
export interface KLayerMlpOptions extends MlpOptions {
  /** Length of the feature vectors. */
  readonly inputFeatures: number;
}

/**
 * A multilayer perceptron for images: Flatten, then the layers of {@link kLayerMlp}.
 *
 * Shapes: x [N,C,H,W] → logits [N,classes]
 * @example
 * const model = models.mlp({ hidden: [1024, 512], batchNorm: true });   // 784-1024-512-10
 * model.length;   // 8
 */
export function mlp(options: ImageMlpOptions = {}): Sequential {
  checkArguments(
    'models.mlp({ hidden: [128], inputShape: [1, 28, 28], classes: 10, batchNorm: true, bias: true })',
    options,
  );
  const { inputShape = [1, 28, 28], ...others } = options;
  return new Sequential(
    new Flatten(),
    ...layers({ ...others, inputFeatures: inputShape.reduce((size, length) => size * length, 1) }),
  );
}

/**
 * A multilayer perceptron for feature vectors: Linear, [BatchNorm1d,] ReLU for each hidden layer, then a Linear to the
 * classes.
 *
 * Shapes: x [N,inputFeatures] → logits [N,classes]
 */
export function kLayerMlp(options: KLayerMlpOptions): Sequential {
  checkArguments(
    'models.kLayerMlp({ inputFeatures!: 20, hidden: [64], classes: 10, batchNorm: true, bias: true })',
    options,
  );
  return new Sequential(...layers(options));
}

function layers({
  inputFeatures,
  hidden = [],
  classes = 10,
  batchNorm = false,
  bias = true,
}: KLayerMlpOptions): Module[] {
  const sizes = [inputFeatures, ...hidden];
  return [
    ...hidden.flatMap((size, i) => [
      new Linear(sizes[i]!, size, { bias }),
      ...(batchNorm ? [new BatchNorm1d(size)] : []),
      new ReLU(),
    ]),
    new Linear(sizes.at(-1)!, classes, { bias }),
  ];
}
