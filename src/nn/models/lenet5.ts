import { checkArguments } from '../../runtime/arguments.js';
import { ReLU } from '../activations/relu.js';
import { Sequential } from '../containers/sequential.js';
import { Conv2d } from '../layers/conv2d.js';
import { Flatten } from '../layers/flatten.js';
import { Linear } from '../layers/linear.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { type ImageModelOptions, imageSizes } from './image.js';

/**
 * LeNet-5 as it is built today: ReLU for tanh, maximum pools, every map of the first convolution joined to every map
 * of the second. 61,706 parameters on MNIST.
 *
 * Shapes: x [N,C,H,W] → logits [N,classes]
 * @see LeCun et al. 1998, "Gradient-based learning applied to document recognition"
 */
export function lenet5(options: ImageModelOptions = {}): Sequential {
  checkArguments('models.lenet5({ inputShape: [1, 28, 28], classes: 10 })', options);
  const { inputShape = [1, 28, 28], classes = 10 } = options;
  const [channels, height, width] = imageSizes(inputShape, 12, 'lenet5');
  // Halved by a pool, four less by a 5×5 window, halved again.
  const after = (length: number) => Math.floor((Math.floor(length / 2) - 4) / 2);
  return new Sequential(
    new Conv2d(channels, 6, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(6, 16, 5),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(16 * after(height) * after(width), 120),
    new ReLU(),
    new Linear(120, 84),
    new ReLU(),
    new Linear(84, classes),
  );
}
