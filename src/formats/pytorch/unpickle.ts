/**
 * Reads pickles, protocols 2 to 5, without running anything: a class or function that a pickle names is looked up in a
 * list (`classes.ts`), and whatever is not there is an error that names it.
 *
 * @see CPython, Lib/pickletools.py: the meaning of every opcode
 */
import { FileFormatError } from '../../runtime/errors.js';
import type { Budget } from '../budget.js';
import { callGlobal, isGlobal } from './classes.js';
import { Dict, Global, type Storage } from './objects.js';

/** Where a pickle is, and what it may refer to. */
export interface PickleSource {
  readonly bytes: Uint8Array;
  /** Where the pickle begins in `bytes`. Default: 0. */
  readonly begin?: number;
  /** Where `bytes` begin in the file, for messages. */
  readonly at: number | undefined;
  readonly budget: Budget;
  /** The storage of a persistent id. `refuse` throws. */
  readonly storage: (id: readonly unknown[], refuse: (problem: string) => never) => Storage;
}

/** What an object of a pickle takes here, about, and what a dict takes. */
const OBJECT = 64;
const DICT = 256;

/** Longest whole number that is read, in bytes. */
const LONGEST_INTEGER = 32;

/** Reads one pickle. @returns the object, and where the next pickle begins */
export function unpickle(source: PickleSource): { value: unknown; end: number } {
  return new Unpickler(source).run();
}

class Unpickler {
  #at: number;
  /** Where the opcode at hand begins. */
  #opcode: number;
  #stack: unknown[] = [];
  /** The stacks below the marks. */
  readonly #below: unknown[][] = [];
  readonly #memo = new Map<number, unknown>();
  readonly #view: DataView;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(private readonly source: PickleSource) {
    const { bytes } = source;
    this.#at = this.#opcode = source.begin ?? 0;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  run(): { value: unknown; end: number } {
    if (this.source.bytes[this.#at] !== 0x80) this.#refuse('a pickle of protocol 2 to 5 begins with the byte 80');
    for (;;) {
      this.#opcode = this.#at;
      const opcode = this.#u8();
      if (opcode === 0x2e) return { value: this.#pop(), end: this.#at };
      const step = OPCODES[opcode];
      if (step === undefined)
        return this.#refuse(`the opcode ${opcode.toString(16).padStart(2, '0')} is not read (protocols 2 to 5 are)`);
      step(this, opcode);
    }
  }

  // ---- The opcodes ----

  protocol(): void {
    const version = this.#u8();
    if (version < 2 || version > 5) this.#refuse(`a pickle of protocol ${version}; 2 to 5 are read`);
  }

  skip(bytes: number): void {
    this.#take(bytes);
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  /** Pushes a new container. */
  pushNew(value: unknown): void {
    this.source.budget.take(value instanceof Dict ? DICT : OBJECT, 'the pickle', this.#place());
    this.push(value);
  }

  pop(): void {
    if (this.#stack.length > 0) this.#pop();
    else this.#popMark();
  }

  mark(): void {
    this.source.budget.take(OBJECT, 'the pickle', this.#place());
    this.#below.push(this.#stack);
    this.#stack = [];
  }

  popMark(): void {
    this.#popMark();
  }

  tuple(length: number): void {
    const items: unknown[] = [];
    for (let i = length - 1; i >= 0; i--) items[i] = this.#pop();
    this.pushNew(items);
  }

  markedList(): void {
    this.pushNew(this.#popMark());
  }

  append(items: readonly unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) return this.#refuse('something is appended to what is not a list');
    this.source.budget.take(8 * items.length, 'the pickle', this.#place());
    for (const item of items) list.push(item);
  }

  setItems(items: readonly unknown[]): void {
    const dict = this.#top();
    if (!(dict instanceof Dict)) return this.#refuse('an item is set in what is not a dict');
    if (items.length % 2 !== 0) this.#refuse('a key has no value');
    for (let i = 0; i < items.length; i += 2) this.#setItem(dict, items[i], items[i + 1]);
  }

  one(): unknown[] {
    return [this.#pop()];
  }

  two(): unknown[] {
    const value = this.#pop();
    return [this.#pop(), value];
  }

  marked(): unknown[] {
    return this.#popMark();
  }

  integer(bytes: 1 | 2 | 4): void {
    const at = this.#take(bytes);
    this.push(
      bytes === 1
        ? this.#view.getUint8(at)
        : bytes === 2
          ? this.#view.getUint16(at, true)
          : this.#view.getInt32(at, true),
    );
  }

  long(length: number): void {
    if (length > LONGEST_INTEGER)
      this.#refuse(`a whole number of ${length} bytes; at most ${LONGEST_INTEGER} are read`);
    const at = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#view.getUint8(at + i));
    value = BigInt.asIntN(8 * length, value);
    this.push(Number.isSafeInteger(Number(value)) ? Number(value) : value);
  }

  float(): void {
    this.push(this.#view.getFloat64(this.#take(8), false));
  }

  text(length: number): void {
    const at = this.#take(length);
    this.source.budget.take(2 * length, 'a text of the pickle', this.#place());
    this.push(this.#decode(at, length));
  }

  blob(length: number): void {
    const at = this.#take(length);
    this.source.budget.take(OBJECT + length, 'the bytes of the pickle', this.#place());
    this.push(this.source.bytes.slice(at, at + length));
  }

  remember(index: number): void {
    this.source.budget.take(OBJECT, 'the memo of the pickle', this.#place());
    this.#memo.set(index, this.#top());
  }

  memoize(): void {
    this.remember(this.#memo.size);
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) this.#refuse(`the memo has nothing at ${index}`);
    this.push(this.#memo.get(index));
  }

  global(module: string, name: string): void {
    const full = `${module === '__builtin__' ? 'builtins' : module}.${name}`;
    if (!isGlobal(full)) {
      this.#refuse(
        `it names ${describeGlobal(full)}, which is not loaded: a pickle may run any program`,
        'save the state dict alone: torch.save(model.state_dict(), "model.pt")',
      );
    }
    this.pushNew(new Global(full));
  }

  line(): string {
    const { bytes } = this.source;
    const end = bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.#refuse('a name does not end');
    const begin = this.#take(end - this.#at + 1);
    return this.#decode(begin, end - begin);
  }

  stackGlobal(): void {
    const [module, name] = this.two();
    if (typeof module !== 'string' || typeof name !== 'string') return this.#refuse('a class is not named by texts');
    this.global(module, name);
  }

  /** Calls a function of the list (`classes.ts`) for REDUCE and NEWOBJ. */
  call(): void {
    const [callee, given] = this.two();
    if (!(callee instanceof Global) || !Array.isArray(given)) return this.#refuse('it calls what is not a class');
    this.pushNew(callGlobal(callee.name, given, (problem) => this.#refuse(problem)));
  }

  /** Attributes of a dict, such as the versions of modules in a state dict, are left out. */
  build(): void {
    this.#pop();
    if (!(this.#top() instanceof Dict)) this.#refuse('it sets the state of an object that is not a dict');
  }

  persistent(): void {
    const id = this.#pop();
    if (!Array.isArray(id)) return this.#refuse('a persistent id is not that of a storage');
    this.pushNew(this.source.storage(id as unknown[], (problem) => this.#refuse(problem)));
  }

  u8(): number {
    return this.#u8();
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): number {
    const value = this.#view.getBigUint64(this.#take(8), true);
    return Number(value); // Past 2⁵³ it is more than the file has.
  }

  // ---- What they share ----

  #setItem(dict: Dict, key: unknown, value: unknown): void {
    const text = keyText(key);
    if (text === undefined) return this.#refuse('the key of a dict is neither a text nor a number');
    this.source.budget.take(OBJECT, 'the pickle', this.#place());
    dict.entries.set(text, value);
  }

  #u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  /** Goes past so many bytes; returns where they begin. */
  #take(length: number): number {
    const begin = this.#at;
    if (!(begin + length <= this.source.bytes.length)) {
      this.#opcode = this.source.bytes.length;
      this.#refuse(`the pickle is truncated: ${length} bytes are said to be at ${begin}`);
    }
    this.#at += length;
    return begin;
  }

  #decode(begin: number, length: number): string {
    const bytes = this.source.bytes.subarray(begin, begin + length);
    try {
      return this.#utf8.decode(bytes);
    } catch {
      return this.#refuse('a text is not valid UTF-8');
    }
  }

  #top(): unknown {
    if (this.#stack.length === 0) this.#refuse('the stack is empty');
    return this.#stack.at(-1);
  }

  #pop(): unknown {
    if (this.#stack.length === 0) this.#refuse('the stack is empty');
    return this.#stack.pop();
  }

  #popMark(): unknown[] {
    const items = this.#stack;
    this.#stack = this.#below.pop() ?? this.#refuse('there is no mark');
    return items;
  }

  #place(): number | undefined {
    return this.source.at === undefined ? undefined : this.source.at + this.#opcode;
  }

  #refuse(problem: string, hint?: string): never {
    const offset = this.#place();
    throw new FileFormatError(problem, {
      file: this.source.budget.file,
      ...(offset !== undefined && { offset }),
      ...(hint !== undefined && { hint }),
    });
  }
}

function describeGlobal(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}

/** The text of a key of a dict; undefined where there is none. */
function keyText(key: unknown): string | undefined {
  if (typeof key === 'string') return key;
  return typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean' ? String(key) : undefined;
}

type Step = (unpickler: Unpickler, opcode: number) => void;

/** By opcode; the names are those of pickletools. */
const OPCODES: Readonly<Record<number, Step>> = {
  128: (u) => u.protocol(), // PROTO
  149: (u) => u.skip(8), // FRAME
  40: (u) => u.mark(), // MARK
  48: (u) => u.pop(), // POP
  49: (u) => u.popMark(), // POP_MARK
  78: (u) => u.push(null), // NONE
  136: (u) => u.push(true), // NEWTRUE
  137: (u) => u.push(false), // NEWFALSE
  75: (u) => u.integer(1), // BININT1
  77: (u) => u.integer(2), // BININT2
  74: (u) => u.integer(4), // BININT
  138: (u) => u.long(u.u8()), // LONG1
  139: (u) => u.long(u.u32()), // LONG4
  71: (u) => u.float(), // BINFLOAT
  140: (u) => u.text(u.u8()), // SHORT_BINUNICODE
  88: (u) => u.text(u.u32()), // BINUNICODE
  141: (u) => u.text(u.u64()), // BINUNICODE8
  85: (u) => u.text(u.u8()), // SHORT_BINSTRING, of Python 2
  84: (u) => u.text(u.u32()), // BINSTRING, of Python 2
  67: (u) => u.blob(u.u8()), // SHORT_BINBYTES
  66: (u) => u.blob(u.u32()), // BINBYTES
  142: (u) => u.blob(u.u64()), // BINBYTES8
  150: (u) => u.blob(u.u64()), // BYTEARRAY8
  93: (u) => u.pushNew([]), // EMPTY_LIST
  41: (u) => u.pushNew([]), // EMPTY_TUPLE
  143: (u) => u.pushNew([]), // EMPTY_SET
  125: (u) => u.pushNew(new Dict()), // EMPTY_DICT
  133: (u) => u.tuple(1), // TUPLE1
  134: (u) => u.tuple(2), // TUPLE2
  135: (u) => u.tuple(3), // TUPLE3
  116: (u) => u.markedList(), // TUPLE
  145: (u) => u.markedList(), // FROZENSET
  97: (u) => u.append(u.one()), // APPEND
  101: (u) => u.append(u.marked()), // APPENDS
  144: (u) => u.append(u.marked()), // ADDITEMS
  115: (u) => u.setItems(u.two()), // SETITEM
  117: (u) => u.setItems(u.marked()), // SETITEMS
  113: (u) => u.remember(u.u8()), // BINPUT
  114: (u) => u.remember(u.u32()), // LONG_BINPUT
  148: (u) => u.memoize(), // MEMOIZE
  104: (u) => u.recall(u.u8()), // BINGET
  106: (u) => u.recall(u.u32()), // LONG_BINGET
  99: (u) => u.global(u.line(), u.line()), // GLOBAL
  147: (u) => u.stackGlobal(), // STACK_GLOBAL
  82: (u) => u.call(), // REDUCE
  129: (u) => u.call(), // NEWOBJ
  98: (u) => u.build(), // BUILD
  81: (u) => u.persistent(), // BINPERSID
};
