import {
  type AvgPool1dOptions,
  type AvgPool2dOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  type Conv1dOptions,
  type Conv2dOptions,
  type ConvTranspose1dOptions,
  type ConvTranspose2dOptions,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  type MaxPool1dOptions,
  type MaxPool2dOptions,
  maxPool1d,
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
  adaptiveMaxPool2d: ([x], { outputSize }: { outputSize: Size }) => adaptiveMaxPool2d(x!, outputSize),
  adaptiveAvgPool2d: ([x], { outputSize }: { outputSize: Size }) => adaptiveAvgPool2d(x!, outputSize),
  conv1d: ([x, weight, bias], options: Conv1dOptions) => conv1d(x!, weight!, bias, options),
  convTranspose1d: ([x, weight, bias], options: ConvTranspose1dOptions) => convTranspose1d(x!, weight!, bias, options),
  maxPool1d: ([x], { kernelSize, ...options }: MaxPool1dOptions & { kernelSize: number }) =>
    maxPool1d(x!, kernelSize, options),
  avgPool1d: ([x], { kernelSize, ...options }: AvgPool1dOptions & { kernelSize: number }) =>
    avgPool1d(x!, kernelSize, options),
  adaptiveAvgPool1d: ([x], { outputSize }: { outputSize: number }) => adaptiveAvgPool1d(x!, outputSize),
} satisfies Record<string, Run>;

// Sums of up to 17·3·3 products, in an order of their own; Winograd's transforms (3×3 kernels of stride 1) round some
// more.
testOperations('conv', runs, ({ op }) => ({ ofLargest: op === 'conv2d' ? 5e-6 : 1e-6 }));
