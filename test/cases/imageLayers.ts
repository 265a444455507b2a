/** Layers that make images larger or smaller, and those that drop channels. */
import {
  adaptiveMaxPool2d,
  conv2d,
  dropout1d,
  dropout2d,
  interpolate,
  manualSeed,
  nn,
  pad,
  pixelShuffle,
  unflatten,
} from '../../src/index.js';
import { layer } from '../support/layerCase.js';

export const imageLayers = [
  layer({
    make: () => new nn.Conv2d(2, 3, 3, { padding: [1, 2], paddingMode: 'reflect' }),
    text: 'Conv2d(2, 3, kernelSize=[3, 3], stride=[1, 1], padding=[1, 2], paddingMode=reflect)',
    state: { weight: [3, 2, 3, 3], bias: [3] },
    input: [1, 2, 4, 5],
    output: [1, 3, 4, 7],
    same: ({ weight, bias }, x) => conv2d(pad(x, [2, 2, 1, 1], { mode: 'reflect' }), weight, bias),
  }),
  layer({
    make: () => new nn.Conv2d(2, 3, [2, 4], { padding: 'same', paddingMode: 'circular', bias: false }),
    text: 'Conv2d(2, 3, kernelSize=[2, 4], stride=[1, 1], padding=same, paddingMode=circular, bias=false)',
    state: { weight: [3, 2, 2, 4] },
    input: [1, 2, 4, 5],
    output: [1, 3, 4, 5],
    same: ({ weight }, x) => conv2d(pad(x, [1, 2, 0, 1], { mode: 'circular' }), weight),
  }),
  layer({
    make: () => new nn.AdaptiveMaxPool2d([2, 3]),
    text: 'AdaptiveMaxPool2d(outputSize=[2, 3])',
    input: [2, 2, 5, 6],
    output: [2, 2, 2, 3],
    same: (_, x) => adaptiveMaxPool2d(x, [2, 3]),
  }),
  layer({
    make: () => new nn.Upsample({ scaleFactor: 2 }),
    text: 'Upsample(scaleFactor=2, mode=nearest)',
    input: [1, 2, 3, 4],
    output: [1, 2, 6, 8],
    same: (_, x) => interpolate(x, { scaleFactor: 2 }),
  }),
  layer({
    make: () => new nn.Upsample({ size: [5, 6], mode: 'bilinear', alignCorners: true }),
    text: 'Upsample(size=[5, 6], mode=bilinear, alignCorners=true)',
    input: [1, 2, 3, 4],
    output: [1, 2, 5, 6],
    same: (_, x) => interpolate(x, { size: [5, 6], mode: 'bilinear', alignCorners: true }),
  }),
  layer({
    make: () => new nn.PixelShuffle(2),
    text: 'PixelShuffle(upscaleFactor=2)',
    input: [1, 8, 2, 3],
    output: [1, 2, 4, 6],
    same: (_, x) => pixelShuffle(x, 2),
  }),
  layer({
    make: () => new nn.Unflatten(1, [2, -1]),
    text: 'Unflatten(axis=1, sizes=[2, -1])',
    input: [3, 8],
    output: [3, 2, 4],
    same: (_, x) => unflatten(x, 1, [2, 4]),
  }),
  layer({
    make: () => new nn.Dropout2d(0.3),
    text: 'Dropout2d(p=0.3)',
    input: [5, 4, 2, 3],
    output: [5, 4, 2, 3],
    same: (_, x) => {
      manualSeed(1);
      return dropout2d(x, 0.3);
    },
  }),
  layer({
    make: () => new nn.Dropout1d(),
    text: 'Dropout1d(p=0.5)',
    input: [6, 3],
    output: [6, 3],
    same: (_, x) => {
      manualSeed(1);
      return dropout1d(x);
    },
  }),
];
