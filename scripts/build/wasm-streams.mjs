/**
 * Takes a WebAssembly module apart into streams, as src/runtime/inlined/wasmStreams.ts, which has the format, puts them
 * together. Binary format: WebAssembly core specification, 5.4 (instructions) and 5.5 (modules).
 */
import { HEADER_BYTES, OPERANDS, Reader, readInstruction, unsigned } from './wasm.mjs';

const CODE_SECTION = 10;
/** How many instructions have an index of one byte; those from PAGES on have two. */
const PAGES = 251;
const END = 255;

/** Operands have streams in this order; all else belongs to the instruction. */
const FIRST_OPERANDS = 5;

/** The order of two lists of bytes. */
const compare = (a, b) => a.reduce((order, byte, i) => order || byte - (b[i] ?? -1), 0) || a.length - b.length;

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

  const operands = OPERANDS.map(() => []);
  const locals = [];
  /** By its row in the table of instructions, as a text: how often an instruction occurs. */
  const counts = new Map();
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
      const { bytes, kind, operand = [] } = readInstruction(reader);
      const stream = OPERANDS.indexOf(kind);
      operands[stream]?.push(...operand);
      const row = String([bytes.length, stream < 0 ? 0 : FIRST_OPERANDS + stream, ...bytes]);
      counts.set(row, (counts.get(row) ?? 0) + 1);
      body.push(row);
    }
    return body;
  });

  const byCount = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
  // Instructions of a kind beside each other, so that the table itself is short.
  const table = [byCount.slice(0, PAGES), byCount.slice(PAGES)].flatMap((part) =>
    part.map((row) => row.split(',').map(Number)).sort((a, b) => compare(a.slice(2), b.slice(2))),
  );
  if (table.length > PAGES + 256 * (END - PAGES))
    throw new Error(`${table.length} different instructions: more than indices of two bytes can tell apart`);
  const index = new Map(
    table.map((row, i) => [String(row), i < PAGES ? [i] : [PAGES + ((i - PAGES) >> 8), (i - PAGES) & 255]]),
  );
  const code = functions.flatMap((body) => [...body.flatMap((row) => index.get(row)), END]);
  const streams = [module.subarray(0, from), module.subarray(end), table.flat(), locals, code, ...operands];
  return Buffer.concat(
    [
      unsigned(module.length),
      unsigned(streams.length),
      streams.flatMap(({ length }) => unsigned(length)),
      ...streams,
    ].map((bytes) => Buffer.from(bytes)),
  );
}
