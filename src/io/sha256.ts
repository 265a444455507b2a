/**
 * SHA-256 in plain integer arithmetic. `crypto.subtle` is asynchronous and missing on plain http, `node:crypto` exists
 * in one runtime only; a digest that is to be the same everywhere must be computable everywhere.
 */
import { checkArguments } from '../runtime/arguments.js';
import { bytesOf } from '../runtime/bytes.js';

/**
 * The first 32 bits of the fractional parts of the cube roots of the first 64 primes, as the standard defines them. In
 * doubles 45 bits of a fraction are right, in every engine the same: only sums, products and quotients are taken.
 */
let roundConstants: Int32Array | undefined;

function cubeRootsOfPrimes(count: number): Int32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return Int32Array.from(primes, (prime) => {
    let root = prime;
    for (let step = 0; step < 30; step++) root -= (root - prime / (root * root)) / 3; // Newton's
    return Math.floor((root % 1) * 2 ** 32);
  });
}

const BLOCK = 64;

/**
 * The SHA-256 of all bytes given to `update`, in order.
 *
 * @see FIPS 180-4, section 6.2
 * @example
 * new Sha256().update(new TextEncoder().encode('abc')).hex();   // 'ba7816bf…'
 */
export class Sha256 {
  /** The first 32 bits of the fractional parts of the square roots of the first 8 primes, to begin with. */
  readonly #state = new Int32Array([
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ]);
  readonly #block = new Uint8Array(BLOCK);
  readonly #words = new Int32Array(64);
  #length = 0;

  /** Takes in further bytes. */
  update(data: Uint8Array): this {
    checkArguments('hash.update(data=bytes)', data);
    const bytes = bytesOf(data, 'Sha256');
    let taken = 0;
    const filled = this.#length % BLOCK;
    if (filled > 0) {
      taken = Math.min(BLOCK - filled, bytes.length);
      this.#block.set(bytes.subarray(0, taken), filled);
      if (filled + taken === BLOCK) this.#mix(this.#block, 0);
    }
    for (; taken + BLOCK <= bytes.length; taken += BLOCK) this.#mix(bytes, taken);
    // A block that is still being filled took all that there was.
    if (taken < bytes.length) this.#block.set(bytes.subarray(taken), 0);
    this.#length += bytes.length;
    return this;
  }

  /** The digest as 64 lower-case hexadecimal digits. Ends the message: no `update` after it. */
  hex(): string {
    const bits = this.#length * 8;
    const tail = new Uint8Array((this.#length % BLOCK < 56 ? 1 : 2) * BLOCK - (this.#length % BLOCK));
    tail[0] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(tail.length - 4, bits >>> 0);
    this.update(tail);
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** Takes the 64 bytes at `offset` into the state. */
  #mix(bytes: Uint8Array, offset: number): void {
    const words = this.#words;
    const constants = (roundConstants ??= cubeRootsOfPrimes(64));
    for (let i = 0; i < 16; i++) {
      const at = offset + 4 * i;
      words[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    }
    for (let i = 16; i < 64; i++) {
      const early = words[i - 15]!;
      const late = words[i - 2]!;
      const sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
      const sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
      words[i] = words[i - 16]! + sigma0 + words[i - 7]! + sigma1;
    }
    const state = this.#state;
    let a = state[0]!,
      b = state[1]!,
      c = state[2]!,
      d = state[3]!,
      e = state[4]!,
      f = state[5]!,
      g = state[6]!,
      h = state[7]!;
    for (let i = 0; i < 64; i++) {
      const choice = (e & f) ^ (~e & g);
      const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + constants[i]! + words[i]!) | 0;
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0]! += a;
    state[1]! += b;
    state[2]! += c;
    state[3]! += d;
    state[4]! += e;
    state[5]! += f;
    state[6]! += g;
    state[7]! += h;
  }
}

function rotate(word: number, right: number): number {
  return (word >>> right) | (word << (32 - right));
}
