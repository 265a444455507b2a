import {
  type AvgPool2dOptions,
  adaptiveAvgPool2d,
  avgPool2d,
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv2d,
  convTranspose2d,
  type MaxPool2dOptions,
  maxPool2d,
} from '../../src/index.js';
import { type Run, testOperations } from './support.js';

type Size = number | [number, number];

const runs = {
  conv2d: ([x, weight, bias], options: Conv2dOptions) => conv2d(x!, weight!, bias, options),
  convTranspose2d: ([x, weight, bias], options: ConvTranspose2dOptions) => convTranspose2d(x!, weight!, bias, options),
  maxPool2d: ([x], { kernelSize, ...options }: MaxPool2dOptions & { kernelSize: Size }) =>
    maxPool2d(x!, kernelSize, options),
  avgPool2d: ([x], { kernelSize, ...options }: AvgPool2dOptions & { kernelSize: Size }) =>
    avgPool2d(x!, kernelSize, options),
  adaptiveAvgPool2d: ([x], { outputSize }: { outputSize: Size }) => adaptiveAvgPool2d(x!, outputSize),
} satisfies Record<string, Run>;

// Sums of up to 17·3·3 products, in an order of their own; Winograd's transforms (3×3 kernels of stride 1) round some
// more.
testOperations('conv', runs, ({ op }) => ({ ofLargest: op === 'conv2d' ? 5e-6 : 1e-6 }));
