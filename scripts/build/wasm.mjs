/** Reads and writes the binary format of WebAssembly (core specification, chapter 5). */

/** The magic number and the version. */
export const HEADER_BYTES = 8;

/** A number in LEB128. */
export function unsigned(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

/** Reads along bytes. */
export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  take(count) {
    return this.bytes.subarray(this.at, (this.at += count));
  }

  /** The bytes of a number. */
  takeNumber() {
    const begin = this.at;
    while (this.bytes[this.at++] > 127);
    return this.bytes.subarray(begin, this.at);
  }

  number() {
    return this.takeNumber().reduceRight((value, byte) => value * 128 + (byte & 127), 0);
  }
}

/** The sections of a module: [id, contents]. */
export function readSections(module) {
  const reader = new Reader(module, HEADER_BYTES);
  const sections = [];
  while (reader.at < module.length) {
    const [id] = reader.take(1);
    sections.push([id, reader.take(reader.number())]);
  }
  return sections;
}

/** A module of these sections. */
export const joinSections = (sections) =>
  Buffer.concat([
    Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    ...sections.flatMap(([id, contents]) => [Uint8Array.from([id, ...unsigned(contents.length)]), contents]),
  ]);

/** The operands that are told apart from the instructions that have them. */
export const OPERANDS = ['local', 'function'];

/** What follows an opcode: numbers in LEB128, of which two kinds have a name, or so many bytes. */
function operandsOf(opcode, prefixed) {
  if (opcode === 0xfc) {
    if (prefixed <= 7) return [];
    if (prefixed === 10) return [2]; // memory.copy
    if (prefixed === 11) return [1]; // memory.fill
  } else if (opcode === 0xfd) {
    if (prefixed <= 11 || prefixed === 92 || prefixed === 93) return ['number', 'number'];
    if (prefixed >= 84 && prefixed <= 91) return ['number', 'number', 1];
    if (prefixed === 12 || prefixed === 13) return [16]; // v128.const, i8x16.shuffle
    if (prefixed >= 21 && prefixed <= 34) return [1];
    return [];
  } else {
    if (opcode >= 0x02 && opcode <= 0x04) return [1]; // block, loop, if
    if (opcode === 0x0c || opcode === 0x0d) return ['number']; // br, br_if
    if (opcode === 0x10) return ['function'];
    if (opcode >= 0x20 && opcode <= 0x22) return ['local'];
    if (opcode === 0x23 || opcode === 0x24) return ['number']; // global
    if (opcode >= 0x28 && opcode <= 0x3e) return ['number', 'number'];
    if (opcode === 0x3f || opcode === 0x40) return [1]; // memory.size, memory.grow
    if (opcode >= 0x41 && opcode <= 0x44) return [['number', 'number', 4, 8][opcode - 0x41]]; // constants
    if (
      opcode <= 0x01 ||
      opcode === 0x05 ||
      opcode === 0x0b ||
      opcode === 0x0f ||
      opcode === 0x1a ||
      opcode === 0x1b ||
      (opcode >= 0x45 && opcode <= 0xc4)
    )
      return [];
  }
  throw new Error(
    'the kernels have an instruction that is not known ' +
      `here: ${opcode.toString(16)}${prefixed === undefined ? '' : ` ${prefixed}`}`,
  );
}

/** The instruction at the reader: its bytes, without its operand where that is one of OPERANDS; and the operand's. */
export function readInstruction(reader) {
  const bytes = [...reader.take(1)];
  let prefixed;
  if (bytes[0] >= 0xfc) {
    const number = reader.takeNumber();
    prefixed = new Reader(number).number();
    bytes.push(...number);
  }
  for (const kind of operandsOf(bytes[0], prefixed)) {
    if (OPERANDS.includes(kind)) return { bytes, kind, operand: reader.takeNumber() };
    bytes.push(...(kind === 'number' ? reader.takeNumber() : reader.take(kind)));
  }
  return { bytes };
}
