/**
 * out[c] = Σ_{n,i} x[n,c,i] for the channels c in [begin, end) of x [images, channels, plane]: the gradient of a bias
 * that was added to each channel. A plane is summed in four lanes, the planes in double precision.
 *
 * @work (end - begin) * images * plane
 */
export function f32_channel_sum(out: usize, x: usize, images: i32, channels: i32, plane: i32, begin: i32, end: i32): void {
  for (let channel = begin; channel < end; channel++) {
    let total: f64 = 0;
    for (let image = 0; image < images; image++) {
      let at = x + (<usize>((image * channels + channel) * plane) << 2);
      const last = at + (<usize>plane << 2);
      let lanes = f32x4.splat(0);
      for (; at + 16 <= last; at += 16) lanes = f32x4.add(lanes, v128.load(at));
      let sum = <f64>f32x4.extract_lane(lanes, 0) + <f64>f32x4.extract_lane(lanes, 1) + <f64>f32x4.extract_lane(lanes, 2) + <f64>f32x4.extract_lane(lanes, 3);
      for (; at < last; at += 4) sum += <f64>load<f32>(at);
      total += sum;
    }
    store<f32>(out + (<usize>channel << 2), <f32>total);
  }
}
