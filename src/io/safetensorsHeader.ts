/**
 * Reads the JSON header of a safetensors file: strictly, and of no other shape than the format's. `JSON.parse` would
 * let pass what must be refused (names given twice, numbers past 2⁵³) and cannot say at which byte a header is wrong.
 */

import { FileFormatError } from '../runtime/errors.js';
import { textCoding } from '../runtime/host.js';

/** The name under which a header keeps texts instead of a tensor. */
export const METADATA = '__metadata__';

/** More axes than anyone has use for; it keeps hostile headers small. */
const MOST_AXES = 64;

export interface HeaderEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: number[];
  /** First byte of the elements and the one after the last, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
  /** Where in the file the entry is described. */
  readonly offset: number;
}

export interface Header {
  readonly entries: HeaderEntry[];
  readonly metadata: Record<string, string>;
}

/**
 * @param file name for messages
 * @param base offset of the header in the file, for messages
 * @throws {FileFormatError} naming the byte from where on it is not a header
 */
export function parseHeader(bytes: Uint8Array, file: string, base: number): Header {
  return new HeaderParser(bytes, file, base).parse();
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

class HeaderParser {
  #at = 0;
  readonly #utf8 = new (textCoding().TextDecoder)('utf-8', { fatal: true, ignoreBOM: true });

  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
    private readonly base: number,
  ) {}

  parse(): Header {
    const entries: HeaderEntry[] = [];
    let metadata: Record<string, string> | undefined;
    if (this.bytes[0] !== 0x7b) this.refuse('the header must begin with "{"');
    this.object((name, offset) => {
      if (name === METADATA) metadata = this.texts();
      else entries.push(this.entry(name, offset));
    });
    this.skipSpace();
    if (this.#at < this.bytes.length) this.refuse('the header goes on after its end');
    return { entries, metadata: metadata ?? noTexts() };
  }

  private entry(name: string, offset: number): HeaderEntry {
    let dtype: string | undefined;
    let shape: number[] | undefined;
    let range: number[] | undefined;
    this.object((key) => {
      if (key === 'dtype') dtype = this.string();
      else if (key === 'shape') shape = this.wholeNumbers();
      else if (key === 'data_offsets') range = this.wholeNumbers();
      else this.refuse(`a tensor has no ${JSON.stringify(key)}`);
    });
    const refuse = (problem: string): never => this.refuse(`tensor ${JSON.stringify(name)} ${problem}`, offset);
    if (dtype === undefined || shape === undefined || range === undefined)
      return refuse('must have dtype, shape and data_offsets');
    const [begin, end] = range;
    if (range.length !== 2 || begin === undefined || end === undefined || begin > end)
      return refuse('must have data_offsets [begin, end]');
    return { name, dtype, shape, begin, end, offset: this.base + offset };
  }

  private texts(): Record<string, string> {
    const result = noTexts();
    this.object((key) => {
      result[key] = this.string();
    });
    return result;
  }

  /** Reads `{ "key": …, … }`; `member` reads each value. */
  private object(member: (key: string, offset: number) => void): void {
    const seen = new Set<string>();
    this.list('{', '}', () => {
      this.skipSpace();
      const offset = this.#at;
      const key = this.string();
      if (seen.has(key)) this.refuse(`${JSON.stringify(key)} is given twice`, offset);
      if (key === '__proto__') this.refuse('"__proto__" is not allowed as a name', offset);
      seen.add(key);
      this.expect(':');
      member(key, offset);
    });
  }

  private wholeNumbers(): number[] {
    const numbers: number[] = [];
    this.list('[', ']', () => {
      if (numbers.length === MOST_AXES) this.refuse(`more than ${MOST_AXES} numbers in a list`);
      numbers.push(this.wholeNumber());
    });
    return numbers;
  }

  private list(open: string, close: string, item: () => void): void {
    this.expect(open);
    if (this.accept(close)) return;
    do item();
    while (this.accept(','));
    this.expect(close);
  }

  private wholeNumber(): number {
    this.skipSpace();
    const begin = this.#at;
    let value = 0;
    while (isDigit(this.bytes[this.#at])) {
      value = value * 10 + this.bytes[this.#at++]! - 0x30;
      if (!Number.isSafeInteger(value)) this.refuse('a number is too large', begin);
    }
    if (this.#at === begin || (this.bytes[begin] === 0x30 && this.#at > begin + 1))
      this.refuse('a whole number ≥ 0 is missing here', begin);
    return value;
  }

  private string(): string {
    this.expect('"');
    const begin = this.#at - 1;
    let end = this.#at;
    while (this.bytes[end] !== QUOTE) {
      end += this.bytes[end] === BACKSLASH ? 2 : 1;
      if (end >= this.bytes.length) this.refuse('a text does not end', begin);
    }
    this.#at = end + 1;
    try {
      return JSON.parse(this.#utf8.decode(this.bytes.subarray(begin, this.#at))) as string;
    } catch (cause) {
      throw new FileFormatError('a text is not valid UTF-8 or JSON', {
        file: this.file,
        offset: this.base + begin,
        cause,
      });
    }
  }

  private expect(character: string): void {
    if (!this.accept(character)) this.refuse(`${character} is missing here`);
  }

  private accept(character: string): boolean {
    this.skipSpace();
    if (this.bytes[this.#at] !== character.charCodeAt(0)) return false;
    this.#at++;
    return true;
  }

  private skipSpace(): void {
    while (isSpace(this.bytes[this.#at])) this.#at++;
  }

  private refuse(problem: string, at = this.#at): never {
    throw new FileFormatError(problem, { file: this.file, offset: this.base + at });
  }
}

function noTexts(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}
