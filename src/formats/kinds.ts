/** Tells files apart by what they begin with. Imports nothing: the command line has a copy of it. */

/** What a file is. */
export type FileKind = 'zip' | 'pickle' | 'npy' | 'safetensors' | 'json';

const beginsWith = (bytes: Uint8Array, ...first: number[]) => first.every((byte, i) => bytes[i] === byte);

export function kindOf(bytes: Uint8Array): FileKind | undefined {
  if (beginsWith(bytes, 0x50, 0x4b, 3, 4) || beginsWith(bytes, 0x50, 0x4b, 5, 6)) return 'zip';
  if (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5) return 'pickle';
  if (beginsWith(bytes, 0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)) return 'npy';
  // The length of the header in eight bytes, and the header.
  if (bytes[8] === 0x7b && beginsWith(bytes.subarray(5), 0, 0, 0)) return 'safetensors';
  const text = bytes.findIndex((byte) => ![0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf].includes(byte));
  return bytes[text] === 0x7b ? 'json' : undefined;
}

/** What a file that is not read is, as far as its first bytes say, and what to do. */
export function describeUnknown(bytes: Uint8Array): { problem: string; hint: string } {
  const hint = 'PyTorch (.pt), NumPy (.npy, .npz), safetensors and TensorFlow.js (model.json) files are read';
  if (bytes.length === 0) return { problem: 'it is empty', hint };
  if (beginsWith(bytes, 0x89, 0x48, 0x44, 0x46)) {
    return {
      problem: 'it is an HDF5 file (of Keras)',
      hint: 'convert it: tensorflowjs_converter --input_format keras model.h5 folder',
    };
  }
  if (beginsWith(bytes, 0x1f, 0x8b)) return { problem: 'it is compressed by gzip', hint: 'decompress it first' };
  if (/^\s*</.test(new TextDecoder().decode(bytes.subarray(0, 64))))
    return { problem: 'it is an HTML or XML page', hint: 'is the address that of the file itself?' };
  // The version of the format, and the name or the version of whoever wrote it.
  if (bytes[0] === 8 && bytes[1]! < 64 && [0x12, 0x1a, 0x22].includes(bytes[2]!))
    return { problem: 'it is an ONNX model', hint: 'read it with importOnnx of lanewise/onnx' };
  return { problem: 'it is not a file that is read here', hint };
}
