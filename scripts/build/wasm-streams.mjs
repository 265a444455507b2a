/**
 * Takes a WebAssembly module apart into streams, as src/runtime/inlined/wasmStreams.ts, which has the format, puts them
 * together. Binary format: WebAssembly core specification, 5.4 (instructions) and 5.5 (modules).
 */

const CODE_SECTION = 10;
const HEADER_BYTES = 8;
const [MORE, END] = [254, 255];

/** Operands with a stream of their own: how many bytes one has, 0 for a number; the rest goes with the instruction. */
const KINDS = { local: 0, function: 0, i32: 0, i64: 0, offset: 0, f32: 4, f64: 8, v128: 16, shuffle: 16 };
const FIRST_OPERANDS = 5;

/** What follows an opcode. `number` and `byte` go with the instruction. */
function operandsOf(opcode, prefixed) {
  if (opcode === 0xfc) {
    if (prefixed <= 7) return [];
    if (prefixed === 10) return ['byte', 'byte']; // memory.copy
    if (prefixed === 11) return ['byte']; // memory.fill
  } else if (opcode === 0xfd) {
    if (prefixed <= 11 || prefixed === 92 || prefixed === 93) return ['number', 'offset'];
    if (prefixed >= 84 && prefixed <= 91) return ['number', 'offset', 'byte'];
    if (prefixed === 12) return ['v128'];
    if (prefixed === 13) return ['shuffle'];
    if (prefixed >= 21 && prefixed <= 34) return ['byte'];
    return [];
  } else {
    if (opcode >= 0x02 && opcode <= 0x04) return ['byte']; // block, loop, if
    if (opcode === 0x0c || opcode === 0x0d) return ['number']; // br, br_if
    if (opcode === 0x10) return ['function'];
    if (opcode >= 0x20 && opcode <= 0x22) return ['local'];
    if (opcode === 0x23 || opcode === 0x24) return ['number']; // global
    if (opcode >= 0x28 && opcode <= 0x3e) return ['number', 'offset'];
    if (opcode === 0x3f || opcode === 0x40) return ['byte']; // memory.size, memory.grow
    if (opcode >= 0x41 && opcode <= 0x44) return [['i32', 'i64', 'f32', 'f64'][opcode - 0x41]];
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

function unsigned(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

/** Reads along bytes. */
class Reader {
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

/**
 * The instruction at the reader: the bytes that make it what it is, and its operand, if that is of a kind of its own.
 */
function readInstruction(reader) {
  const before = [...reader.take(1)];
  const after = [];
  let prefixed;
  if (before[0] >= 0xfc) {
    const bytes = reader.takeNumber();
    prefixed = new Reader(bytes).number();
    before.push(...bytes);
  }
  let operand;
  for (const kind of operandsOf(before[0], prefixed)) {
    if (kind in KINDS) operand = { kind, bytes: KINDS[kind] === 0 ? reader.takeNumber() : reader.take(KINDS[kind]) };
    else (operand === undefined ? before : after).push(...(kind === 'byte' ? reader.take(1) : reader.takeNumber()));
  }
  return { before, operand, after };
}

/** @returns the streams in one, ready to be compressed */
export function splitWasm(module) {
  const reader = new Reader(module, HEADER_BYTES);
  let [from, end] = [0, 0];
  for (;;) {
    from = reader.at;
    const [id] = reader.take(1);
    end = reader.number() + reader.at;
    if (id === CODE_SECTION) break;
    reader.at = end;
  }

  const kinds = Object.keys(KINDS);
  const operands = new Map(kinds.map((kind) => [kind, []]));
  const locals = [];
  /** By the bytes of the table of instructions that stand for one: its row. */
  const rows = new Map();
  const functions = Array.from({ length: reader.number() }, () => {
    const bodyEnd = reader.number() + reader.at;
    const begin = reader.at;
    for (let groups = reader.number(); groups > 0; groups--) {
      reader.takeNumber();
      reader.take(1);
    }
    locals.push(...module.subarray(begin, reader.at));
    const body = [];
    while (reader.at < bodyEnd) {
      const { before, operand, after } = readInstruction(reader);
      const row = [
        8 * after.length + before.length,
        operand === undefined ? 0 : FIRST_OPERANDS + kinds.indexOf(operand.kind),
        ...before,
        ...after,
      ];
      if (!rows.has(String(row))) rows.set(String(row), row);
      body.push(String(row));
      operands.get(operand?.kind)?.push(...operand.bytes);
    }
    return body;
  });

  // Instructions of a kind beside each other, so that the table itself is short.
  const table = [...rows.values()].sort(
    (a, b) => a.slice(2).reduce((order, byte, i) => order || byte - b[i + 2], 0) || a.length - b.length,
  );
  if (table.length > MORE + 256)
    throw new Error(`${table.length} different instructions: more than indices of two bytes can tell apart`);
  const index = new Map(table.map((row, i) => [String(row), i < MORE ? [i] : [MORE, i - MORE]]));
  const code = functions.flatMap((body) => [...body.flatMap((row) => index.get(row)), END]);
  const streams = [module.subarray(0, from), module.subarray(end), table.flat(), locals, code, ...operands.values()];
  const headers = streams.flatMap(({ length }, i) => [
    ...unsigned(KINDS[kinds[i - FIRST_OPERANDS]] ?? 0),
    ...unsigned(length),
  ]);
  return Buffer.concat(
    [unsigned(module.length), unsigned(streams.length), headers, ...streams].map((bytes) => Buffer.from(bytes)),
  );
}
