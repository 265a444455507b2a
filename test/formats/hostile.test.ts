/** Files that would run something, or take more memory than they have any right to. */
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../src/formats/node/index.js';
import { crc32 } from '../../src/formats/zip/crc32.js';
import { writeZip } from '../../src/formats/zip/write.js';
import { FileFormatError } from '../../src/index.js';
import { fixture } from './expected.js';
import { join, named, op, storage, tensorPickle, torchFile, u32, u64 } from './pickles.js';

const begin = [0x80, 2];

/** The error that reading ends with, with little more memory than before. */
function refusal(bytes: Uint8Array, options = {}): string {
  const before = process.memoryUsage();
  try {
    decode(bytes, { name: 'x.pt', ...options });
  } catch (error) {
    expect(error).toBeInstanceOf(FileFormatError);
    const after = process.memoryUsage();
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(200 * 2 ** 20);
    return (error as Error).message;
  }
  return expect.fail('it was read');
}

/** As a zip file, and alone as the old files are. */
const both = (pickle: Uint8Array) => [torchFile(pickle), pickle];

describe('nothing is run', () => {
  test.each([
    ['os.system', join(begin, named('os', 'system'), '(', op.string('touch /tmp/lanewise-was-here'), 'tR.')],
    ['posix.system', join(begin, named('posix', 'system'), '(', op.string('true'), 'tR.')],
    ['builtins.eval', join(begin, named('builtins', 'eval'), '(', op.string('1'), 'tR.')],
    ['builtins.eval', join(begin, named('__builtin__', 'eval'), '(', op.string('1'), 'tR.')],
    ['builtins.getattr', join(begin, named('builtins', 'getattr'), ').')],
    ['torch.load', join(begin, named('torch', 'load'), '(', op.string('x'), 'tR.')],
    ['torch.hub.load', join(begin, named('torch.hub', 'load'), '.')],
    ['torch._utils.exec', join(begin, named('torch._utils', 'exec'), '.')],
    ['collections.OrderedDict.__init__', join(begin, named('collections', 'OrderedDict.__init__'), '.')],
    ['builtins.constructor', join(begin, named('builtins', 'constructor'), '.')],
    ['constructor.constructor', join(begin, named('constructor', 'constructor'), '.')],
    ['__proto__.x', join(begin, named('__proto__', 'x'), '.')],
    ['os.system', join(0x80, 4, op.string('os'), op.string('system'), 0x93, op.string('true'), 0x85, 'R.')],
  ])('%s', (name, pickle) => {
    for (const file of both(pickle)) expect(refusal(file)).toContain(`it names "${name}", which is not loaded`);
  });

  test.each([
    ['INST', join(begin, '(ios\nsystem\n.'), '69'],
    ['OBJ', join(begin, '(', named('collections', 'OrderedDict'), 'o.'), '6f'],
    ['EXT1', join(begin, 0x82, 1, '.'), '82'],
    ['PERSID', join(begin, 'Px\n.'), '50'],
    ['DUP', join(begin, ']2.'), '32'],
    ['NEWOBJ_EX', join(begin, named('collections', 'OrderedDict'), ')}', 0x92, '.'), '92'],
    ['NEXT_BUFFER', join(0x80, 5, 0x97, '.'), '97'],
  ])('the opcode %s is not read', (_, pickle, code) => {
    for (const file of both(pickle)) expect(refusal(file)).toContain(`the opcode ${code} is not read`);
  });

  test.each([
    ['a list', join(begin, '])R.'), 'it calls what is not a class'],
    ['a text', join(begin, op.string('os.system'), ')R.'), 'it calls what is not a class'],
    ['a dtype', join(begin, named('torch', 'float32'), ')R.'), 'it calls torch.float32, which is not a function'],
    ['a storage class', join(begin, named('torch', 'FloatStorage'), ')', 0x81, '.'), 'it calls torch.FloatStorage'],
    [
      'torch.Tensor',
      join(begin, named('torch', 'Tensor'), ')', 0x81, '.'),
      'it makes a torch.Tensor without a storage',
    ],
    ['with what are no arguments', join(begin, named('collections', 'OrderedDict'), 'KxR.'), 'it calls what is not'],
    ['BUILD of a list', join(begin, ']}b.'), 'it sets the state of an object that is not a dict'],
    [
      'from type, for ever',
      join(begin, named('torch._tensor', '_rebuild_from_type_v2'), 'q\0(h\0N(h\0NtNtR.'),
      'a tensor is made of what is not one',
    ],
  ])('calling %s', (_, pickle, message) => {
    for (const file of both(pickle)) expect(refusal(file)).toContain(message);
  });
});

describe('a pickle that is damaged', () => {
  test.each([
    ['no stop', join(begin, ']'), 'the pickle is truncated'],
    ['an empty stack', join(begin, '.'), 'the stack is empty'],
    ['an append to nothing', join(begin, 'Na.'), 'the stack is empty'],
    ['no mark', join(begin, ']e.'), 'there is no mark'],
    ['an append to a dict', join(begin, '}Na.'), 'something is appended to what is not a list'],
    ['an item of a list', join(begin, ']NNs.'), 'an item is set in what is not a dict'],
    ['a key without a value', join(begin, '}(Nu.'), 'a key has no value'],
    ['a list as a key', join(begin, '}]Ns.'), 'the key of a dict is neither a text nor a number'],
    ['a memo that is empty', join(begin, 'h\x07.'), 'the memo has nothing at 7'],
    ['a text that is not UTF-8', join(begin, 'X', u32(1), [0xff], '.'), 'a text is not valid UTF-8'],
    ['a text that ends past the file', join(begin, 'X', u32(-1), '.'), '4294967295 bytes are said to be at'],
    ['a text of 8 exbibytes', join(0x80, 4, 0x8d, u64(2n ** 63n - 1n), '.'), 'the pickle is truncated'],
    ['bytes of 8 exbibytes', join(0x80, 4, 0x8e, u64(-1n), '.'), 'the pickle is truncated'],
    ['a huge whole number', join(begin, 0x8b, u32(2_000_000_000), '.'), 'a whole number of 2000000000 bytes'],
    ['a whole number of 255 bytes', join(begin, 0x8a, 255, new Uint8Array(255), '.'), 'a whole number of 255 bytes'],
    ['protocol 6', join(0x80, 6, '].'), 'a pickle of protocol 6'],
    ['an unknown opcode', join(begin, 0xff), 'the opcode ff is not read'],
  ])('%s', (_, pickle, message) => {
    expect(refusal(torchFile(pickle))).toContain(message);
  });

  test('it says at which byte of the file', () => {
    const file = torchFile(join(begin, ']]', named('os', 'system'), '.'));
    const at = Buffer.from(file).indexOf('cos\nsystem');
    expect(refusal(file)).toContain(`x.pt at byte ${at}: it names "os.system"`);
  });
});

describe('objects that grow', () => {
  test('a list in itself', () => {
    expect(refusal(torchFile(join(begin, ']q\0h\0a.')))).toContain('"0" contains itself');
    expect(refusal(torchFile(join(begin, '}q\0', op.string('me'), 'h\0s.')))).toContain('"me" contains itself');
  });

  test('a thousand million lists by doubling', () => {
    // Each list has the one before it twice: they are shared, and walked once.
    const doubling = Array.from({ length: 90 }, (_, i) => join(']q', i + 1, '(h', i, 'h', i, 'e'));
    const { tensors } = decode(torchFile(join(begin, ']q\0', ...doubling, '.')));
    expect(Object.keys(tensors)).toEqual([]);
  });

  test('deep nesting', () => {
    const deep = new Uint8Array(1_000_000).fill(0x85);
    expect(refusal(torchFile(concat(begin, ')', deep, '.')))).toContain('it is nested deeper than 100');
  });

  test('a million marks, lists and memos take what the file justifies', () => {
    for (const byte of ['(', ']', '}', ')', 'N']) {
      const many = new Uint8Array(1_500_000).fill(byte.charCodeAt(0));
      refusal(torchFile(concat(begin, many)));
    }
    const memos = new Uint8Array(1_500_000);
    for (let i = 0; i < memos.length; i += 5) memos.set([0x72, i & 255, (i >> 8) & 255, (i >> 16) & 255, 0x70], i);
    refusal(torchFile(concat(begin, ']', memos)));
  });
});

/** As `join`, for large parts. */
function concat(...parts: (string | readonly number[] | Uint8Array)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => (part instanceof Uint8Array ? part : join(part)))));
}

describe('tensors whose sizes lie', () => {
  const four = { 0: new Uint8Array(16) };
  const tensor = (...of: Parameters<typeof tensorPickle>) => torchFile(join(begin, tensorPickle(...of), '.'), four);

  test.each([
    ['more elements than the storage', tensor(storage('0', 4), 0, [5], [1]), 'reaches past its 16 bytes'],
    ['an offset past the storage', tensor(storage('0', 4), 4, [1], [1]), 'reaches past its 16 bytes'],
    ['strides past the storage', tensor(storage('0', 4), 0, [2, 2], [3, 1]), 'reaches past its 16 bytes'],
    ['a negative size', tensor(storage('0', 4), 0, [-1], [1]), 'sizes, strides or an offset that are not whole'],
    ['a negative stride', tensor(storage('0', 4), 3, [4], [-1]), 'sizes, strides or an offset that are not whole'],
    ['fewer strides than sizes', tensor(storage('0', 4), 0, [2, 2], [1]), 'sizes, strides or an offset'],
    ['65 axes', tensor(storage('0', 4), 0, Array(65).fill(1), Array(65).fill(1)), 'has 65 axes'],
    ['10¹² copies of an element', tensor(storage('0', 4), 0, [1e6, 1e6], [0, 0]), 'would unpack to more than'],
    ['2⁶³ empty rows', tensor(storage('0', 4), 0, [2 ** 31 - 1, 2 ** 31 - 1, 0], [0, 0, 1]), ''],
    ['a longer storage', tensor(storage('0', 5), 0, [1], [1]), 'storage 0 has 16 bytes, not 20'],
    ['a shorter storage', tensor(storage('0', 3), 0, [1], [1]), 'storage 0 has 16 bytes, not 12'],
    ['a missing storage', tensor(storage('1', 4), 0, [1], [1]), 'storage 1 is not in the file'],
    [
      'a storage of another class',
      tensor(storage('0', 4, 'Size'), 0, [1], [1]),
      'torch.Size is not the class of a storage',
    ],
    ['a storage with a path', tensor(storage('../version', 1), 0, [1], [1]), 'storage ../version is not in the file'],
    ['a text as its storage', tensor(op.string('0'), 0, [1], [1]), 'a tensor has no storage'],
    ['a persistent id that is a text', torchFile(join(begin, op.string('storage'), 'Q.')), 'a persistent id is not'],
    [
      'a storage of two types',
      torchFile(join(begin, '](', storage('0', 4), storage('0', 2, 'DoubleStorage'), 'e.'), four),
      'storage 0 is said to be of two kinds',
    ],
    [
      'a negated view',
      tensor(storage('0', 4), 0, [1], [1], join(0x89, '}}', op.string('neg'), 0x88, 's')),
      'it has a tensor that is a view of another kind (neg)',
    ],
  ])('%s', (_, file, message) => {
    if (message === '') expect(decode(file).tensors.tensor!.data.length).toBe(0);
    else expect(refusal(file)).toContain(message);
  });

  test('views of one storage that take a thousand times its size together', () => {
    const views = Array.from({ length: 2000 }, (_, i) => tensorPickle(storage('0', 65_536), i % 7, [65_000 - i], [1]));
    const file = torchFile(join(begin, '](', ...views, 'e.'), { 0: new Uint8Array(262_144) });
    expect(refusal(file)).toMatch(/takes \d+ bytes, and the file would unpack to more than/);
    expect(refusal(file, { limit: 1e6 })).toContain('would unpack to more than 1000000 in all');
  });

  test('the storages of an old file', () => {
    const old = fixture('mlp-old.pt');
    const at = Buffer.from(old).lastIndexOf(join(u64(12n)));
    const lying = old.slice();
    lying.set(u64(2n ** 50n), at);
    expect(refusal(lying)).toContain('which end past the file');
    lying.set(u64(-1n), at);
    expect(refusal(lying)).toContain('is said to have -1 elements');
    lying.set(u64(11n), at);
    expect(refusal(lying)).toMatch(/storage \d+ has 44 bytes, not 48/);
    expect(refusal(old.subarray(0, at + 4))).toContain('the file ends before storage');
  });
});

describe('zip files that lie', () => {
  const whole = fixture('compressed.npz');
  const directory = Buffer.from(whole).indexOf(join(u32(0x0201_4b50)));
  const edited = (offset: number, ...bytes: number[]) => {
    const copy = whole.slice();
    copy.set(bytes, directory + offset);
    return copy;
  };

  test.each([
    ['a larger size', edited(24, 0, 0, 0, 0x10), 'is said to have 268435456 bytes, made of'],
    ['a little larger size', edited(24, 0x5b, 8, 0, 0), 'bytes, not the 2139 that it is said to have'],
    ['a smaller size', edited(24, 10, 0, 0, 0), 'has more than the 10 bytes that it is said to have'],
    ['another checksum', edited(16, 1, 2, 3, 4), 'is damaged: its checksum differs'],
    ['encryption', edited(8, 1, 0), 'is encrypted'],
    ['another method', edited(10, 12, 0), 'is compressed by method 12'],
    ['a header somewhere else', edited(42, 1, 0, 0, 0), 'has no local header where the directory says'],
    ['a header past the end', edited(42, 0, 0, 0, 0x7f), 'refers to bytes past the end of the file'],
    ['more bytes than there are', edited(20, 0, 0, 0, 0x10), 'which end past the file'],
    ['no directory', whole.subarray(0, whole.length - 30), 'has no directory at its end'],
    ['a directory of 65,535 entries', withCount(0xffff), 'the directory is said to have 65535 entries'],
  ])('%s', (_, file, message) => {
    expect(refusal(file)).toContain(message);
  });

  function withCount(count: number): Uint8Array {
    const copy = whole.slice();
    copy.set([count & 255, count >> 8], copy.length - 12);
    return copy;
  }

  /** A file whose entries are all these bytes, compressed. */
  function compressed(contents: Uint8Array, names: readonly string[]): Uint8Array {
    const packed = new Uint8Array(deflateRawSync(contents));
    const zip = writeZip(new Map(names.map((name) => [name, packed])), 'test');
    const view = new DataView(zip.buffer);
    for (let at = zip.indexOf(0x50, packed.length * names.length); at < zip.length - 46; at++) {
      if (view.getUint32(at, true) !== 0x0201_4b50) continue;
      view.setUint16(at + 10, 8, true);
      view.setUint32(at + 16, crc32(contents), true);
      view.setUint32(at + 24, contents.length, true);
    }
    return zip;
  }

  test('bombs: 20 MB of zeros in 20 kB, five times', () => {
    const zeros = encode({ shape: [5_000_000], data: new Float32Array(5_000_000) }, 'npy');
    expect(decode(compressed(zeros, ['a.npy'])).tensors.a!.shape).toEqual([5_000_000]);
    const bomb = compressed(zeros, ['a.npy', 'b.npy', 'c.npy', 'd.npy', 'e.npy']);
    expect(bomb.length).toBeLessThan(150_000);
    expect(refusal(bomb)).toContain('the file would unpack to more than 67108864 in all');
    expect(refusal(bomb, { limit: 1e6 })).toContain('the file would unpack to more than 1000000 in all');
  });

  test('two entries of one name', () => {
    const twice = Buffer.from(
      encode({ aa: { shape: [1], data: new Float32Array(1) }, ab: { shape: [1], data: new Float32Array(1) } }, 'npz'),
    );
    for (let at = twice.indexOf('ab.npy'); at >= 0; at = twice.indexOf('ab.npy')) twice.write('aa.npy', at);
    expect(refusal(twice)).toContain('the entry "aa.npy" is there twice');
  });
});

describe('.npy files that lie', () => {
  const npy = (header: string, data = 16) =>
    join([0x93], 'NUMPY', [1, 0], [header.length & 255, header.length >> 8], header, new Uint8Array(data));
  const header = (shape: string, descr = "'<f4'") => `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;

  test.each([
    ['more elements than bytes', npy(header('(5,)')), 'has 16 bytes, but <f4 of shape [5] takes 20'],
    ['fewer elements than bytes', npy(header('(3,)')), 'has 16 bytes, but <f4 of shape [3] takes 12'],
    ['10¹⁸ elements', npy(header('(1000000000, 1000000000)')), 'takes 4000000000000000000'],
    ['a negative size', npy(header('(-4,)')), 'has a header that is not NumPy’s'],
    ['a size past 2⁵³', npy(header('(99999999999999999999,)')), 'has a header that is not NumPy’s'],
    ['a program as its shape', npy(header('__import__("os")')), 'has a header that is not NumPy’s'],
    ['no shape', npy("{'descr': '<f4', 'fortran_order': False}"), 'has a header that is not NumPy’s'],
    ['a header past the end', npy(header('(4,)')).subarray(0, 40), 'has a header of'],
    ['70 axes', npy(header(`(${'1, '.repeat(69)}4)`)), 'has 70 axes'],
    ['a bool of 2', join(npy(header('(1,)', "'|b1'"), 0), 2), 'a bool must be 0 or 1, not 2'],
    ['version 9', join([0x93], 'NUMPY', [9, 0, 0, 0, 0, 0]), 'is of version 9'],
    ['nothing else', join([0x93], 'NUMPY'), 'is not a .npy file, or a truncated one'],
  ])('%s', (_, file, message) => {
    expect(refusal(file)).toContain(message);
  });
});
