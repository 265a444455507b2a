/**
 * Whole numbers from 0 as WebAssembly has them (LEB128): seven bits a byte, the lowest first; the last byte is below
 * 128.
 */

/** Reads one, and moves the cursor past it. */
export function readUnsigned(code: Uint8Array, cursor: { at: number }): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = code[cursor.at++]!;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return value;
  }
}

/** The bytes of one. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  return [...bytes, value];
}
