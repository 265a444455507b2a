/** The inputs of a case in files, which every contender reads. */
import fs from 'node:fs';
import path from 'node:path';
import type { InputArray, Inputs } from './inputs.js';
import type { InputFile, InputFiles } from './work.js';

/** Writes the arrays into `directory`, one file each. */
export function writeInputs(directory: string, inputs: Inputs): InputFiles {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]): [string, InputFile] => {
      const file = path.join(directory, `${name}.bin`);
      fs.writeFileSync(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return [
        name,
        {
          file,
          shape,
          dtype: data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'uint8',
        },
      ];
    }),
  );
}

/** Reads them back, on the side of a contender. */
export function readInputs(files: InputFiles): Inputs {
  return Object.fromEntries(
    Object.entries(files).map(([name, { file, shape, dtype }]): [string, InputArray] => {
      const bytes = fs.readFileSync(file);
      const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
      return [
        name,
        {
          shape,
          data:
            dtype === 'float32'
              ? new Float32Array(buffer)
              : dtype === 'int32'
                ? new Int32Array(buffer)
                : new Uint8Array(buffer),
        },
      ];
    }),
  );
}
