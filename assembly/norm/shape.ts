import { assertSizes } from '../assert';

/** Sizes of a batch norm of x [images, channels, spatial], as kernels read them from memory. */
@unmanaged
export class BatchNormShape {
  images: i32;
  channels: i32;
  spatial: i32;
  /** 1 where a ReLU follows in the same pass. */
  relu: i32;
}

export function assertBatchNormShape(shape: BatchNormShape): void {
  if (ASC_NO_ASSERT) return;
  assertSizes(shape.images | shape.channels | shape.spatial);
  assert((shape.relu | 1) == 1, 'batch norm: 0 or 1 is expected for relu');
}

/** The channels [begin, end) are among those of the shape. */
export function assertChannels(shape: BatchNormShape, end: i32): void {
  if (ASC_NO_ASSERT) return;
  assert(end <= shape.channels, 'batch norm: a share of the channels is expected');
}
