/** Files in the safetensors format, built by hand for the tests. */
import { expect } from 'vitest';
import { decodeSafetensors, encodeSafetensors, FileFormatError, tensor } from '../../src/index.js';

/** A file from a header (text or bytes) and `length` data bytes 0, 1, 2, …, built as the format says. */
export function file(header: string | Uint8Array, length: number): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  for (let i = 0; i < length; i++) bytes[8 + text.length + i] = i;
  return bytes;
}

/** A file of one tensor whose elements are these bytes. */
export function one(dtype: string, shape: number[], data: number[]): Uint8Array {
  const bytes = file(JSON.stringify({ x: { dtype, shape, data_offsets: [0, data.length] } }), data.length);
  bytes.set(data, bytes.length - data.length);
  return bytes;
}

/** The error that reading `bytes` ends with. */
export function refusal(bytes: Uint8Array): FileFormatError {
  try {
    decodeSafetensors(bytes, 'w.safetensors');
  } catch (error) {
    expect(error).toBeInstanceOf(FileFormatError);
    return error as FileFormatError;
  }
  return expect.fail('it was read');
}

export const state = () =>
  encodeSafetensors(
    {
      'features.0.weight': tensor([
        [1, -2, 3],
        [4.5, 0, -0],
      ]),
      'features.1.num_batches_tracked': tensor(Int32Array.of(-7), { shape: [] }),
      images: { dtype: 'uint8', shape: [1, 3], data: Uint8Array.of(0, 128, 255) },
      nothing: { dtype: 'float32', shape: [0, 4], data: new Float32Array(0) },
    },
    { model: 'mlp', größe: '1024 × 512' },
  );
