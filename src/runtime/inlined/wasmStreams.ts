/**
 * The kernels as they are carried: instructions apart from the local variables and functions that they name, since what
 * comes next is easier to tell within one kind. Compressed, that is an eighth less. scripts/build/wasm-streams.mjs
 * takes a module apart; this puts it together. Numbers are LEB128.
 *
 *     length of the module · number of streams · length of each stream · the streams
 *
 *     stream 0  the module up to its code section
 *            1  the module from there on
 *            2  the instructions that occur, with their constants, one after another: how many bytes one has (a byte),
 *               the stream of the number that follows it (a byte; 0: none), those bytes
 *            3  the local variables of each function
 *            4  the functions: instructions as indices into 2: the most frequent ones, below 251, of one byte; from
 *               there on i as 251 + high and low byte of i − 251; 255 ends a function
 *            5  the local variables that instructions name
 *            6  the functions that they call
 */
import { readUnsigned, unsigned } from '../leb128.js';

const [BEFORE, AFTER, TABLE, LOCALS, CODE] = [0, 1, 2, 3, 4] as const;
const PAGES = 251;
const END = 255;
const CODE_SECTION = 10;

/** The module that `packed` stands for. It is trusted: damaged bytes give a damaged module. */
export function joinWasm(packed: Uint8Array): Uint8Array<ArrayBuffer> {
  const cursor = { at: 0 };
  const module = new Uint8Array(readUnsigned(packed, cursor));
  const lengths = Array.from({ length: readUnsigned(packed, cursor) }, () => readUnsigned(packed, cursor));
  /** Where each stream begins, and the last ends. */
  const begins = [cursor.at];
  for (const length of lengths) begins.push(begins.at(-1)! + length);
  const stream = (id: number): Uint8Array => packed.subarray(begins[id], begins[id + 1]);

  /** Where the instructions are in the table. */
  const instructions: number[] = [];
  for (let at = begins[TABLE]!; at < begins[TABLE + 1]!; at += 2 + packed[at]!) instructions.push(at);

  /** Functions without their lengths, and where each ends. */
  const functions = new Uint8Array(module.length);
  const ends: number[] = [];
  let to = 0;
  const at = Int32Array.from(begins);
  // One loop without calls: it is run once, and engines are slow at what they see for the first time.
  for (const codeEnd = at[CODE + 1]!; at[CODE]! < codeEnd; ends.push(to)) {
    const end = { at: at[LOCALS]! };
    for (let groups = readUnsigned(packed, end); groups > 0; groups--) {
      readUnsigned(packed, end);
      end.at++;
    }
    while (at[LOCALS]! < end.at) functions[to++] = packed[at[LOCALS]!++]!;
    for (;;) {
      let index = packed[at[CODE]!++]!;
      if (index === END) break;
      if (index >= PAGES) index = PAGES + (index - PAGES) * 256 + packed[at[CODE]!++]!;
      let fixed = instructions[index]!;
      const length = packed[fixed++]!;
      const operands = packed[fixed++]!;
      for (const fixedEnd = fixed + length; fixed < fixedEnd; ) functions[to++] = packed[fixed++]!;
      if (operands > 0) {
        let from = at[operands]!;
        while (packed[from]! > 127) functions[to++] = packed[from++]!;
        functions[to++] = packed[from++]!;
        at[operands] = from;
      }
    }
  }

  const bodies = ends.flatMap((end, i) => {
    const body = functions.subarray(ends[i - 1] ?? 0, end);
    return [unsigned(body.length), body];
  });
  const section = [unsigned(ends.length), ...bodies];
  const size = section.reduce((sum, { length }) => sum + length, 0);
  to = 0;
  for (const part of [stream(BEFORE), [CODE_SECTION, ...unsigned(size)], ...section, stream(AFTER)]) {
    module.set(part, to);
    to += part.length;
  }
  return module;
}
