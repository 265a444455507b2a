/**
 * Reads the files of `torch.save`: since PyTorch 1.6 a zip file of a pickle (`data.pkl`) and one file per storage;
 * before, five pickles (a magic number, the version, facts of the machine, the object, the keys of the storages), and
 * after them the storages, each with its length before it.
 */
import { FileFormatError } from '../../runtime/errors.js';
import { bytesOfType, type ReadRules } from '../elements.js';
import type { ZipEntry, ZipReader } from '../zip/read.js';
import { elementTypeOf } from './classes.js';
import { Dict, Storage } from './objects.js';
import { unpickle } from './unpickle.js';
import { type StoredValue, toStoredValue } from './values.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_VERSION = 1001;

/** The pickle in a zip file of PyTorch; undefined where there is none. */
export function pickleEntry(zip: ZipReader): ZipEntry | undefined {
  return [...zip.entries.values()].find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
}

/** @throws {FileFormatError} when the file is damaged, or has what is not read */
export function readTorchZip(zip: ZipReader, pickle: ZipEntry, rules: ReadRules): StoredValue {
  const { budget } = rules;
  const { file } = budget;
  const prefix = pickle.name.slice(0, -'data.pkl'.length);
  if (zip.entries.has(`${prefix}constants.pkl`)) {
    throw new FileFormatError('it is a program of TorchScript, which is not run here', {
      file,
      hint: 'in Python: torch.save(torch.jit.load("model.pt").state_dict(), "weights.pt")',
    });
  }
  const byteOrder = zip.entries.get(`${prefix}byteorder`);
  if (byteOrder !== undefined && new TextDecoder().decode(zip.readIntact(byteOrder).bytes).trim() !== 'little')
    throw new FileFormatError(BIG_ENDIAN, { file, offset: byteOrder.header });
  // PyTorch can be told to leave out the checksums; then that of the version is wrong too.
  const version = zip.entries.get(`${prefix}version`);
  const checked = version === undefined || zip.read(version).intact;
  const read = (entry: ZipEntry) => (checked ? zip.readIntact(entry) : zip.read(entry));
  const storages = new Map<string, Storage>();
  const { bytes, at } = read(pickle);
  const { value } = unpickle({
    bytes,
    at,
    budget,
    storage: (id, refuse) => {
      const storage = storageOf(id, refuse);
      const known = storages.get(storage.key);
      if (known !== undefined) {
        if (known.type !== storage.type || known.count !== storage.count)
          refuse(`storage ${storage.key} is said to be of two kinds`);
        return known;
      }
      const entry = zip.entries.get(`${prefix}data/${storage.key}`);
      if (entry === undefined) return refuse(`storage ${storage.key} is not in the file`);
      const size = storage.count * bytesOfType(storage.type);
      if (entry.size !== size) refuse(`storage ${storage.key} has ${entry.size} bytes, not ${size}`);
      Object.assign(storage, read(entry));
      storages.set(storage.key, storage);
      return storage;
    },
  });
  return toStoredValue(value, rules);
}

const BIG_ENDIAN = 'it was written on a big-endian machine, which is not read';

/** @throws {FileFormatError} when the file is damaged, or has what is not read */
export function readLegacyTorch(bytes: Uint8Array, rules: ReadRules): StoredValue {
  const { budget } = rules;
  const { file } = budget;
  let begin = 0;
  const storages = new Map<string, Storage[]>();
  const next = (): unknown => {
    const { value, end } = unpickle({
      bytes,
      begin,
      at: 0,
      budget,
      storage: (id, refuse) => {
        const storage = legacyStorageOf(id, refuse);
        const known = storages.get(storage.key);
        if (known === undefined) storages.set(storage.key, [storage]);
        else known.push(storage);
        return storage;
      },
    });
    begin = end;
    return value;
  };
  const refuse = (problem: string): never => {
    throw new FileFormatError(problem, { file, offset: begin });
  };
  if (next() !== MAGIC) refuse('it is a pickle of Python, but not one of torch.save');
  if (next() !== LEGACY_VERSION) refuse(`it is not of version ${LEGACY_VERSION}`);
  const machine = next();
  if (!(machine instanceof Dict) || machine.entries.get('little_endian') !== true) refuse(BIG_ENDIAN);
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) return refuse('the keys of its storages are missing');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const key of keys as unknown[]) {
    const used = storages.get(String(key));
    if (used === undefined) return refuse(`storage ${String(key)} belongs to no tensor`);
    if (begin + 8 > bytes.length) refuse(`the file ends before storage ${String(key)}`);
    const count = Number(view.getBigInt64(begin, true));
    const size = count * bytesOfType(used[0]!.type);
    if (count < 0 || begin + 8 + size > bytes.length)
      refuse(`storage ${String(key)} is said to have ${count} elements, which end past the file`);
    for (const storage of used) locate(storage, bytes.subarray(begin + 8, begin + 8 + size), begin + 8, refuse);
    begin += 8 + size;
  }
  return toStoredValue(value, rules);
}

/** Lets a storage, or a view of one, find its elements. */
function locate(storage: Storage, bytes: Uint8Array, at: number, refuse: (problem: string) => never): void {
  const width = bytesOfType(storage.type);
  const [first, last] = [storage.begin * width, (storage.begin + storage.count) * width];
  if (last > bytes.length) refuse(`storage ${storage.key} has ${bytes.length} bytes, not ${last}`);
  Object.assign(storage, { bytes: bytes.subarray(first, last), at: at + first });
}

/** ('storage', class, key, device, count) */
function storageOf(id: readonly unknown[], refuse: (problem: string) => never): Storage {
  const [kind, type, key, , count] = id;
  if (kind !== 'storage' || typeof key !== 'string' || !isCount(count))
    return refuse('a persistent id is not that of a storage');
  return new Storage(key, elementTypeOf(type, refuse), count);
}

/** ('storage', class, key, device, count, null or (key, begin, count)) */
function legacyStorageOf(id: readonly unknown[], refuse: (problem: string) => never): Storage {
  const whole = storageOf(id, refuse);
  const [, , , , , view = null] = id;
  if (view === null) return whole;
  const [, begin, count] = Array.isArray(view) ? (view as unknown[]) : [];
  if (!isCount(begin) || !isCount(count)) return refuse('the view of a storage is damaged');
  return new Storage(whole.key, whole.type, count, begin);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
