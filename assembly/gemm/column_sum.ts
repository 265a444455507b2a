/** Rows whose sum is taken by itself before it joins the total: keeps the rounding error of long columns small. */
const CHUNK: i32 = 64;

/**
 * out[j] = Σᵢ x[i,j] for the columns j in [begin, end) of x [rows, columns]: the gradient of a bias that was added to each row.
 *
 * @work (end - begin) * rows
 */
export function f32_column_sum(out: usize, x: usize, rows: i32, columns: i32, begin: i32, end: i32): void {
  const step = <usize>columns << 2;
  let j = begin;
  for (; j + 4 <= end; j += 4) {
    let total = f32x4.splat(0);
    let at = x + (<usize>j << 2);
    for (let row = 0; row < rows;) {
      let sum = f32x4.splat(0);
      for (const last = min(row + CHUNK, rows); row < last; row++, at += step) sum = f32x4.add(sum, v128.load(at));
      total = f32x4.add(total, sum);
    }
    v128.store(out + (<usize>j << 2), total);
  }
  for (; j < end; j++) {
    let total: f32 = 0;
    let at = x + (<usize>j << 2);
    for (let row = 0; row < rows;) {
      let sum: f32 = 0;
      for (const last = min(row + CHUNK, rows); row < last; row++, at += step) sum += load<f32>(at);
      total += sum;
    }
    store<f32>(out + (<usize>j << 2), total);
  }
}
