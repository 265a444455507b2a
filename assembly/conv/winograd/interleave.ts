import { LANES } from '../lanes';

/* Between images and rows of vectors: four images side by side, one to a lane. */

/**
 * Rows [y, y + rows) and columns [−left, columns − left) of one channel of four images, one vector of four images to
 * each place; zeros outside. `image` is that channel of the first image, `lanes` how many images there are.
 */
export function interleave(to: usize, image: usize, imageStep: usize, lanes: i32, height: i32, width: i32, y: i32, rows: i32, left: i32, columns: i32): void {
  const zero = f32x4.splat(0);
  const rowBytes = <usize>columns << 4;
  // Columns [first, last) of the row of vectors lie inside the image.
  const first = max(left, 0);
  const last = max(min(columns, width + left), first);
  for (const end = y + rows; y < end; y++, to += rowBytes) {
    if (y < 0 || y >= height) {
      for (let at: usize = 0; at < rowBytes; at += 16) v128.store(to + at, zero);
      continue;
    }
    let at = to;
    for (const inside = to + (<usize>first << 4); at < inside; at += 16) v128.store(at, zero);
    const row = image + (<usize>(y * width + first - left) << 2);
    let column = first;
    if (lanes == LANES) {
      let p0 = row, p1 = row + imageStep, p2 = row + 2 * imageStep, p3 = row + 3 * imageStep;
      for (; column + 4 <= last; column += 4, at += 64, p0 += 16, p1 += 16, p2 += 16, p3 += 16) {
        const r0 = v128.load(p0), r1 = v128.load(p1), r2 = v128.load(p2), r3 = v128.load(p3);
        const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
        const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
        v128.store(at, v128.shuffle<f64>(low01, low23, 0, 2));
        v128.store(at, v128.shuffle<f64>(low01, low23, 1, 3), 16);
        v128.store(at, v128.shuffle<f64>(high01, high23, 0, 2), 32);
        v128.store(at, v128.shuffle<f64>(high01, high23, 1, 3), 48);
      }
      for (; column < last; column++, at += 16, p0 += 4, p1 += 4, p2 += 4, p3 += 4) {
        store<f32>(at, load<f32>(p0));
        store<f32>(at, load<f32>(p1), 4);
        store<f32>(at, load<f32>(p2), 8);
        store<f32>(at, load<f32>(p3), 12);
      }
    } else {
      for (let from = row; column < last; column++, at += 16, from += 4) {
        v128.store(at, zero);
        for (let lane = 0; lane < lanes; lane++) store<f32>(at + (<usize>lane << 2), load<f32>(from + <usize>lane * imageStep));
      }
    }
    for (const end = to + rowBytes; at < end; at += 16) v128.store(at, zero);
  }
}

/** Writes four rows of four vectors to the same square of four images, as far as it lies inside. `image`: its corner in the first. */
export function deinterleave(image: usize, imageStep: usize, lanes: i32, width: i32, from: usize, rows: i32, columns: i32): void {
  const step = <usize>width << 2;
  if (lanes == LANES && columns >= 4) {
    for (let row = 0; row < rows; row++, from += 64, image += step) {
      const c0 = v128.load(from), c1 = v128.load(from, 16), c2 = v128.load(from, 32), c3 = v128.load(from, 48);
      const low01 = v128.shuffle<f32>(c0, c1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(c0, c1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(c2, c3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(c2, c3, 2, 6, 3, 7);
      v128.store(image, v128.shuffle<f64>(low01, low23, 0, 2));
      v128.store(image + imageStep, v128.shuffle<f64>(low01, low23, 1, 3));
      v128.store(image + 2 * imageStep, v128.shuffle<f64>(high01, high23, 0, 2));
      v128.store(image + 3 * imageStep, v128.shuffle<f64>(high01, high23, 1, 3));
    }
    return;
  }
  for (let row = 0; row < rows; row++, from += 64, image += step) {
    for (let column: usize = 0; column < <usize>min(columns, 4); column++) {
      for (let lane: usize = 0; lane < <usize>lanes; lane++) store<f32>(image + lane * imageStep + (column << 2), load<f32>(from + (column << 4) + (lane << 2)));
    }
  }
}
