import { assertShare, assertSizes, assertWords } from '../assert';

// Rows by index: weight [rows, width], index [count]. All indices are in range.

/**
 * y[k, :] = weight[index[k], :] for k in [begin, end).
 * @work (end - begin) * width
 */
export function f32_embedding_forward(y: usize, weight: usize, index: usize, width: i32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y | weight | index);
  assertSizes(width);
  const bytes = <usize>width << 2;
  for (let k = begin; k < end; k++) {
    memory.copy(y + <usize>k * bytes, weight + <usize>load<i32>(index + (<usize>k << 2)) * bytes, bytes);
  }
}

/**
 * dWeight[index[k], j] += dy[k, j], k by k, where index[k] ≠ padding, for the columns j in [begin, end).
 * @work (end - begin) * count
 */
export function f32_embedding_backward(
  dWeight: usize, dy: usize, index: usize, count: i32, width: i32, padding: i32, begin: i32, end: i32,
): void {
  assertShare(begin, end);
  assertWords(dWeight | dy | index);
  assertSizes(count | width);
  const first = <usize>begin << 2;
  const last = <usize>end << 2;
  const bytes = <usize>width << 2;
  for (let k = 0; k < count; k++) {
    const id = load<i32>(index + (<usize>k << 2));
    if (id == padding) continue;
    const to = dWeight + <usize>id * bytes;
    const from = dy + <usize>k * bytes;
    let j = first;
    for (; j + 16 <= last; j += 16) v128.store(to + j, f32x4.add(v128.load(to + j), v128.load(from + j)));
    for (; j < last; j += 4) store<f32>(to + j, load<f32>(to + j) + load<f32>(from + j));
  }
}

/**
 * y[k, c] = 1 where c = index[k], else 0, for k in [begin, end).
 * @work (end - begin) * classes
 */
export function f32_one_hot(y: usize, index: usize, classes: i32, begin: i32, end: i32): void {
  assertShare(begin, end);
  assertWords(y | index);
  assertSizes(classes);
  const bytes = <usize>classes << 2;
  memory.fill(y + <usize>begin * bytes, 0, <usize>(end - begin) * bytes);
  for (let k = begin; k < end; k++) {
    store<f32>(y + <usize>k * bytes + (<usize>load<i32>(index + (<usize>k << 2)) << 2), 1);
  }
}
