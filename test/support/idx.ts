/** An IDX file of the type code, sizes and bytes given. */
export function idx(type: number, shape: readonly number[], data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, type, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((length, axis) => view.setUint32(4 + 4 * axis, length));
  bytes.set(Array.from(data), 4 + 4 * shape.length);
  return bytes;
}
