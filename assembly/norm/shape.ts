/** Sizes of a batch norm of x [images, channels, spatial], as kernels read them from memory. */
@unmanaged
export class BatchNormShape {
  images: i32;
  channels: i32;
  spatial: i32;
  /** 1 where a ReLU follows in the same pass. */
  relu: i32;
}
