/**
 * SHA-256 in plain integer arithmetic. `crypto.subtle` is asynchronous and missing on plain http, `node:crypto` exists
 * in one runtime only; a digest that is to be the same everywhere must be computable everywhere.
 */

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

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
  readonly #state = new Int32Array([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]);
  readonly #block = new Uint8Array(BLOCK);
  readonly #words = new Int32Array(64);
  #length = 0;

  /** Takes in further bytes. */
  update(bytes: Uint8Array): this {
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
    let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!, e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
    for (let i = 0; i < 64; i++) {
      const choice = (e & f) ^ (~e & g);
      const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + ROUND_CONSTANTS[i]! + words[i]!) | 0;
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
