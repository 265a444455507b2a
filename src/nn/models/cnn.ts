import { checkArguments } from '../../runtime/arguments.js';
import { ReLU } from '../activations/relu.js';
import { Sequential } from '../containers/sequential.js';
import { AvgPool2d } from '../layers/avgPool2d.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Flatten } from '../layers/flatten.js';
import { Linear } from '../layers/linear.js';
import { type ImageModelOptions, imageSizes } from './image.js';

/** What the small convolutional network is made of. */
export interface CnnOptions extends ImageModelOptions {
  /** Kernels of each convolution. Default: 4. */
  readonly channels?: number;
  /** Whether batch normalisation follows each convolution. Default: false. */
  readonly batchNorm?: boolean;
}

/**
 * A small convolutional network: twice a 3×3 convolution (stride 1, padding 1), [BatchNorm2d,] ReLU and a 2×2 average
 * pool; then Flatten and a Linear to the classes. About 2,150 parameters on MNIST.
 *
 * Shapes: x [N,C,H,W] → logits [N,classes]
 */
export function cnn(options: CnnOptions = {}): Sequential {
  checkArguments('models.cnn({ inputShape: [1, 28, 28], classes: 10, channels: 4, batchNorm: true })', options);
  const { inputShape = [1, 28, 28], classes = 10, channels = 4, batchNorm = false } = options;
  const [inChannels, height, width] = imageSizes(inputShape, 4, 'cnn');
  const stage = (from: number) => [
    new Conv2d(from, channels, 3, { padding: 1 }),
    ...(batchNorm ? [new BatchNorm2d(channels)] : []),
    new ReLU(),
    new AvgPool2d(2),
  ];
  return new Sequential(
    ...stage(inChannels),
    ...stage(channels),
    new Flatten(),
    new Linear(channels * Math.floor(height / 4) * Math.floor(width / 4), classes),
  );
}
