import { Sha256 } from '../io/sha256.js';
import { checkArguments, refusal } from '../runtime/arguments.js';
import { textCoding } from '../runtime/host.js';
import { isTensor, type Tensor } from '../tensor/tensor.js';

/** Every NaN is written as this one: engines may differ in the bits that no program can tell apart. */
const CANONICAL_NAN = 0x7fc0_0000;

/**
 * SHA-256 of named tensors: 64 hexadecimal digits that are the same wherever the same numbers are. Of each tensor, by
 * ascending name: the name, a zero byte, dtype and shape as text (`float32[2,3]`), a zero byte, the elements,
 * little-endian.
 *
 * @param state such as `model.stateDict()`
 * @example
 * digest({ weight: tensor([1, 2, 3]) });   // '8ee1…'
 */
export function digest(state: Readonly<Record<string, Tensor>>): string {
  checkArguments('digest(state)', state);
  const hash = new Sha256();
  const text = new (textCoding().TextEncoder)();
  for (const name of Object.keys(state).sort()) {
    const tensor = state[name]!;
    if (!isTensor(tensor)) throw refusal('digest', name, 'a tensor', tensor);
    const { dtype, shape } = tensor;
    hash.update(text.encode(`${name}\0${dtype}[${shape.join()}]\0`));
    hash.update(littleEndian(tensor.data()));
  }
  return hash.hex();
}

/** The bytes of a copy of a tensor's elements, in the order of the file formats. */
function littleEndian(data: Float32Array | Int32Array | Uint8Array): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const bytes = new Uint8Array(data.buffer);
  const view = new DataView(data.buffer);
  const words = new Uint32Array(data.buffer);
  for (let i = 0; i < data.length; i++) view.setUint32(4 * i, Number.isNaN(data[i]) ? CANONICAL_NAN : words[i]!, true);
  return bytes;
}
