import type { RecordOf } from '../../runtime/records.js';

/** A convolution, named from its own point of view: x is its input, y its output. */
export interface Convolution extends RecordOf<'ConvShape'> {
  /** Sum directly, without Winograd's transforms. */
  readonly precise: boolean;
}

/** The convolution that takes dy to dx, for stride 1: the same with both sides exchanged. */
export function backwards(c: Convolution): Convolution {
  return {
    ...c,
    channels: c.outChannels,
    height: c.outHeight,
    width: c.outWidth,
    outChannels: c.channels,
    outHeight: c.height,
    outWidth: c.width,
    top: c.dilationY * (c.kernelHeight - 1) - c.top,
    left: c.dilationX * (c.kernelWidth - 1) - c.left,
  };
}

/** Elements of y. */
export function outputSize(c: Convolution): number {
  return c.images * c.outChannels * c.outHeight * c.outWidth;
}

/** Elements of x. */
export function inputSize(c: Convolution): number {
  return c.images * c.channels * c.height * c.width;
}

/** Elements of the weight. */
export function weightSize(c: Convolution): number {
  return ((c.outChannels * c.channels) / c.groups) * c.kernelHeight * c.kernelWidth;
}
