import { kernels, withMemory, withScratch } from '../runtime/runtime.js';

/** What a convolution is made of, named from its own point of view: x is its input, y its output. */
export interface Convolution {
  readonly images: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Zeros above and to the left; those below and to the right follow from the sizes. */
  readonly before: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** y = x ∗ weight + bias, over addresses; bias 0 for none. */
export function convolve(c: Convolution, y: number, x: number, weight: number, bias: number): void {
  const floats = kernels.f32_conv2d_forward_scratch(c.channels, c.outChannels, c.outHeight, c.outWidth, ...c.kernel, ...c.stride, ...c.dilation, c.groups);
  withScratch(4 * floats, (scratch) => {
    kernels.f32_conv2d_forward(
      y, x, weight, bias, scratch, c.channels, c.height, c.width, c.outChannels, c.outHeight, c.outWidth,
      ...c.kernel, ...c.stride, ...c.before, ...c.dilation, c.groups, 0, c.images);
  });
}

/** dx from dy; to each channel of dx a bias is added, 0 for none. */
export function convolveBackwardInput(c: Convolution, dx: number, dy: number, weight: number, bias: number): void {
  const floats = kernels.f32_conv2d_backward_input_scratch(c.channels, c.height, c.width, c.outChannels, ...c.kernel, ...c.stride, ...c.before, ...c.dilation, c.groups);
  withScratch(4 * floats, (scratch) => {
    kernels.f32_conv2d_backward_input(
      dx, dy, weight, bias, scratch, c.channels, c.height, c.width, c.outChannels, c.outHeight, c.outWidth,
      ...c.kernel, ...c.stride, ...c.before, ...c.dilation, c.groups, 0, c.images);
  });
}

/** Into so many chunks at most are the images cut for the weight's gradient. More threads than that gain nothing. */
const CHUNKS = 16;

/** dWeight from dy and x: the sums over chunks of images are taken first, then added in their order. */
export function convolveBackwardWeight(c: Convolution, dWeight: number, dy: number, x: number): void {
  const chunkSize = Math.max(Math.ceil(c.images / CHUNKS), 1);
  const chunks = Math.ceil(c.images / chunkSize);
  const weightSize = c.outChannels * c.channels / c.groups * c.kernel[0] * c.kernel[1];
  const floats = kernels.f32_conv2d_backward_weight_scratch(c.channels, c.outHeight, c.outWidth, ...c.kernel, ...c.stride, ...c.dilation, c.groups);
  withMemory(4 * chunks * weightSize, (partial) => {
    withScratch(4 * floats, (scratch) => {
      kernels.f32_conv2d_backward_weight(
        partial, dy, x, scratch, c.images, chunkSize, c.channels, c.height, c.width, c.outChannels, c.outHeight, c.outWidth,
        ...c.kernel, ...c.stride, ...c.before, ...c.dilation, c.groups, 0, chunks);
    });
    kernels.f32_column_sum(dWeight, partial, chunks, weightSize, 0, weightSize);
  });
}
