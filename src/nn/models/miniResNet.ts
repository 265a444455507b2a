import { checkArguments } from '../../runtime/arguments.js';
import { ReLU } from '../activations/relu.js';
import { Residual } from '../containers/residual.js';
import { Sequential } from '../containers/sequential.js';
import { AdaptiveAvgPool2d } from '../layers/adaptiveAvgPool2d.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Flatten } from '../layers/flatten.js';
import { Identity } from '../layers/identity.js';
import { Linear } from '../layers/linear.js';
import { type ImageModelOptions, imageSizes } from './image.js';

/**
 * A residual network of eight weight layers: a 3×3 convolution to 16 channels, three residual blocks of two 3×3
 * convolutions (16, 32 and 64 channels; the last two halve height and width), global average pool, Linear. Batch
 * normalisation follows every convolution, which therefore has no bias.
 *
 * Shapes: x [N,C,H,W] → logits [N,classes]
 * @see He et al. 2015, arXiv 1512.03385
 */
export function miniResNet(options: ImageModelOptions = {}): Sequential {
  checkArguments('models.miniResNet({ inputShape: [1, 28, 28], classes: 10 })', options);
  const { inputShape = [1, 28, 28], classes = 10 } = options;
  const [channels] = imageSizes(inputShape, 1, 'miniResNet');
  return new Sequential(
    ...convolution(channels, 16, 3, 1),
    new ReLU(),
    ...block(16, 16, 1),
    ...block(16, 32, 2),
    ...block(32, 64, 2),
    new AdaptiveAvgPool2d(1),
    new Flatten(),
    new Linear(64, classes),
  );
}

function convolution(
  inChannels: number,
  outChannels: number,
  kernelSize: number,
  stride: number,
): [Conv2d, BatchNorm2d] {
  return [
    new Conv2d(inChannels, outChannels, kernelSize, { stride, padding: (kernelSize - 1) / 2, bias: false }),
    new BatchNorm2d(outChannels),
  ];
}

/** relu(F(x) + shortcut(x)); where the shape changes, the shortcut is a 1×1 convolution. */
function block(inChannels: number, outChannels: number, stride: number): [Residual, ReLU] {
  const body = new Sequential(
    ...convolution(inChannels, outChannels, 3, stride),
    new ReLU(),
    ...convolution(outChannels, outChannels, 3, 1),
  );
  const same = inChannels === outChannels && stride === 1;
  return [
    new Residual(body, same ? new Identity() : new Sequential(...convolution(inChannels, outChannels, 1, stride))),
    new ReLU(),
  ];
}
