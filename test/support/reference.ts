/**
 * Double-precision arrays: what the plain twins of operations are written in. Slow, obvious, nothing shared with src/.
 */

export interface Reference {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function reference(
  shape: readonly number[],
  values?: ArrayLike<number> | ((flat: number) => number),
): Reference {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = new Float64Array(size);
  if (typeof values === 'function') for (let i = 0; i < size; i++) data[i] = values(i);
  else if (values !== undefined) data.set(values);
  return { shape: [...shape], data };
}

export function map(x: Reference, f: (value: number, flat: number) => number): Reference {
  return { shape: x.shape, data: x.data.map((value, flat) => f(value, flat)) };
}

/** All index tuples of a shape, row-major. */
export function* indicesOf(shape: readonly number[]): Generator<number[]> {
  const index = shape.map(() => 0);
  const size = shape.reduce((product, length) => product * length, 1);
  for (let flat = 0; flat < size; flat++) {
    yield [...index];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** The element at an index; sizes of 1 repeat, and missing leading axes too. */
export function at(x: Reference, index: readonly number[]): number {
  const skip = index.length - x.shape.length;
  let flat = 0;
  x.shape.forEach((length, axis) => {
    flat = flat * length + (length === 1 ? 0 : index[axis + skip]!);
  });
  return x.data[flat]!;
}

/** Elementwise over two arrays that broadcast. */
export function zip(a: Reference, b: Reference, f: (a: number, b: number) => number): Reference {
  const rank = Math.max(a.shape.length, b.shape.length);
  const shape = Array.from({ length: rank }, (_, axis) => {
    const left = a.shape[axis - rank + a.shape.length] ?? 1;
    const right = b.shape[axis - rank + b.shape.length] ?? 1;
    return left === 1 ? right : left;
  });
  return build(shape, (index) => f(at(a, index), at(b, index)));
}

/** An array from a function of the index. */
export function build(shape: readonly number[], f: (index: number[]) => number): Reference {
  const result = reference(shape);
  let flat = 0;
  for (const index of indicesOf(shape)) result.data[flat++] = f(index);
  return result;
}
