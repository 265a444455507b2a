/** The layers of TensorFlow.js that are read. */
import * as nn from '../../nn/index.js';
import { addActivation, channelAxis } from './activations.js';
import type { ModelBuilder } from './builder.js';
import type { LayerConfig } from './config.js';
import { windowsOf } from './geometry.js';
import { BoundedReLU, DropFirst, ZeroPad } from './modules.js';
import { batchNorm, convolution, dense, depthwise, separable } from './weighted.js';

/** Adds the modules of a layer; `rest` are the layers after it. */
type Reader = (layer: LayerConfig, builder: ModelBuilder, rest: readonly LayerConfig[]) => void;

/** Layers that keep vectors as they are, element by element: the order of a flattened image goes through them. */
const KEEPS_ORDER = ['Activation', 'BatchNormalization', 'Dropout', 'ELU', 'Flatten', 'LeakyReLU', 'ReLU', 'Softmax'];

/** By their classes. */
export const LAYERS: Readonly<Record<string, Reader>> = {
  InputLayer: () => {},
  Dense: dense,
  Conv2D: convolution,
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
  BatchNormalization: batchNorm,
  Activation: addActivation,
  ReLU: relu,
  LeakyReLU: (layer, builder) =>
    builder.add(new nn.LeakyReLU(layer.number('negative_slope', layer.number('alpha', 0.3)))),
  ELU: (layer, builder) => builder.add(new nn.ELU(layer.number('alpha', 1))),
  Softmax: softmax,
  Dropout: (layer, builder) => builder.add(new nn.Dropout(probability(layer))),
  MaxPooling2D: (layer, builder) => pool(layer, builder, false),
  AveragePooling2D: (layer, builder) => pool(layer, builder, true),
  GlobalAveragePooling2D: (layer, builder) => globalPool(layer, builder, true),
  GlobalMaxPooling2D: (layer, builder) => globalPool(layer, builder, false),
  ZeroPadding2D: zeroPadding,
  Flatten: (layer, builder, rest) => {
    layer.checkFormat();
    const next = rest.find(({ className }) => !KEEPS_ORDER.includes(className));
    builder.flatten(layer, next?.className === 'Dense');
  },
};

function probability(layer: LayerConfig): number {
  const rate = layer.number('rate', 0.5);
  return rate >= 0 && rate < 1 ? rate : layer.refuse(`has the rate ${rate}`);
}

function relu(layer: LayerConfig, builder: ModelBuilder): void {
  const most = layer.get('max_value') ?? null;
  const slope = layer.number('negative_slope', 0);
  if (layer.number('threshold', 0) !== 0 || (slope !== 0 && most !== null))
    layer.refuse('has a threshold, or both a slope and a bound, which is not read');
  if (most !== null) builder.add(new BoundedReLU(layer.number('max_value', 0)));
  else builder.add(slope === 0 ? new nn.ReLU() : new nn.LeakyReLU(slope));
}

function softmax(layer: LayerConfig, builder: ModelBuilder): void {
  const shape = builder.shapeFor(layer);
  const axis = layer.number('axis', -1);
  if (axis !== -1 && axis !== ('channels' in shape ? 3 : 1)) layer.refuse(`has the axis ${axis}; the last one is read`);
  builder.add(new nn.Softmax(channelAxis(layer, builder)));
}

function pool(layer: LayerConfig, builder: ModelBuilder, average: boolean): void {
  layer.checkFormat();
  const { channels, height, width } = builder.imagesFor(layer);
  const kernel = layer.pair('pool_size', [2, 2]);
  const stride = layer.pair('strides', kernel);
  const rows = windowsOf(layer, height, kernel[0], stride[0]);
  const columns = windowsOf(layer, width, kernel[1], stride[1]);
  // Where there is one more row or column after than before, the last windows reach over the edge; where they move by
  // one, as many are padded before, and the first window is left out.
  const sides = [rows, columns];
  const uneven = sides.map(({ before, after }) => after > before);
  const drop = sides.map((_, axis) => (uneven[axis] === true && stride[axis] === 1 ? 1 : 0)) as [number, number];
  const padding = sides.map(({ before }, axis) => before + drop[axis]!) as [number, number];
  const options = { stride, padding, ceilMode: uneven.some((each, axis) => each && drop[axis] === 0) };
  builder.add(
    average ? new nn.AvgPool2d(kernel, { ...options, countIncludePad: false }) : new nn.MaxPool2d(kernel, options),
  );
  if (drop.includes(1)) builder.add(new DropFirst(...drop));
  builder.setShape({ channels, height: rows.count, width: columns.count });
}

function globalPool(layer: LayerConfig, builder: ModelBuilder, average: boolean): void {
  layer.checkFormat();
  const { channels, height, width } = builder.imagesFor(layer);
  if (average) builder.add(new nn.AdaptiveAvgPool2d(1));
  else if (height === null || width === null)
    layer.refuse('needs the size of its input, which the model does not state');
  else builder.add(new nn.MaxPool2d([height, width]));
  if (layer.flag('keepdims', false)) builder.setShape({ channels, height: 1, width: 1 });
  else {
    builder.add(new nn.Flatten());
    builder.setShape({ features: channels });
  }
}

function zeroPadding(layer: LayerConfig, builder: ModelBuilder): void {
  layer.checkFormat();
  const { channels, height, width } = builder.imagesFor(layer);
  const given = layer.get('padding') ?? 1;
  const [top, bottom, left, right] = (
    Array.isArray(given)
      ? given.flatMap((side: unknown) => (Array.isArray(side) ? (side as unknown[]) : [side, side]))
      : Array(4).fill(given)
  ) as unknown[];
  const sides = [left, right, top, bottom].map((side) =>
    Number.isInteger(side) && (side as number) >= 0 && (side as number) <= 65_536
      ? (side as number)
      : layer.refuse(`has the padding ${String(JSON.stringify(given)).slice(0, 40)}`),
  ) as [number, number, number, number];
  builder.add(new ZeroPad(sides));
  const longer = (extent: number | null, by: number) => (extent === null ? null : extent + by);
  builder.setShape({
    channels,
    height: longer(height, sides[2] + sides[3]),
    width: longer(width, sides[0] + sides[1]),
  });
}
