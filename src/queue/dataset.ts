/** Data sets by their checksums: those that a machine has, and those that the submitter sends. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { loadWholeDataset } from '../experiments/wholeData.js';
import { type DatasetName, init, type LoadedData, MissingDataError, scope, type TensorDataset } from '../index.js';
import { makeDirectory, writeFileAtomic } from '../node/index.js';
import { type Connection, pause, written } from './connection.js';
import { QueueError } from './errors.js';
import { KEPT_SECONDS } from './job.js';

/** Bytes of a data set's file that travel at a time. */
const PIECE = 4 << 20;
const compress = promisify(zlib.gzip);

/** The names of the files that a data set is written to: what `loadDataset` finds in a directory. */
const MNIST = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
];
const CIFAR = ['data_batch_1.bin', 'test_batch.bin'];
const LAYOUTS: Readonly<Record<string, 'idx' | 'cifar' | 'package'>> = {
  mnist: 'idx',
  'fashion-mnist': 'idx',
  cifar10: 'cifar',
  // It comes with lanewise.
  'mnist-subset': 'package',
};

/** @throws {QueueError} when a queue cannot carry a data set */
export function checkCarried(dataset: string): asserts dataset is DatasetName {
  if (!Object.hasOwn(LAYOUTS, dataset))
    throw new QueueError(`a queue cannot carry the data set ${dataset}`, {
      where: 'queue',
      hint: `choose one of ${Object.keys(LAYOUTS).join(', ')}, or run it on this machine`,
    });
}

/**
 * The checksum of a data set on this machine: SHA-256 of all its images and labels, whatever files they came from.
 *
 * @param directory of its files; null: where they usually are
 * @throws {MissingDataError} when it is not here
 */
export async function checksumOf(dataset: DatasetName, directory: string | null): Promise<string> {
  await init();
  const data = await loadWholeDataset(dataset, directory);
  try {
    const hash = createHash('sha256');
    for (const { x, y } of setsOf(data)) {
      for (const tensor of [x, y]) {
        hash.update(`${tensor.dtype} [${tensor.shape}]\n`);
        const values = tensor.data();
        hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      }
    }
    return hash.digest('hex');
  } finally {
    for (const set of setsOf(data)) set.dispose();
  }
}

const setsOf = ({ train, test }: LoadedData): readonly TensorDataset[] => [train, test];

// ---- The submitter ----

/** Sends data sets to the server of the queue once a worker asks for them, each once. */
export class DataServer {
  readonly #directories = new Map<string, { readonly dataset: DatasetName; readonly directory: string | null }>();
  #serving = false;

  constructor(
    private readonly connection: Connection,
    private readonly onNote: (text: string) => void,
  ) {}

  offer(digest: string, dataset: DatasetName, directory: string | null): void {
    this.#directories.set(digest, { dataset, directory });
  }

  /** Sends what is asked for and not there. */
  async serve(): Promise<void> {
    if (this.#serving) return;
    this.#serving = true;
    try {
      const { redis, key } = this.connection;
      for (const digest of await redis.smembers(key('wanted'))) {
        const offered = this.#directories.get(digest);
        if (offered === undefined) continue;
        if ((await redis.exists(key('data', digest))) === 0)
          await this.#send(digest, offered.dataset, offered.directory);
        await redis.srem(key('wanted'), digest);
      }
    } finally {
      this.#serving = false;
    }
  }

  async #send(digest: string, dataset: DatasetName, directory: string | null): Promise<void> {
    const { redis, key } = this.connection;
    this.onNote(`a worker asks for ${dataset}: sending it`);
    const images = await loadWholeDataset(dataset, directory);
    const files = scope(() => filesOf(images));
    for (const set of setsOf(images)) set.dispose();
    const partial = key('data', digest, 'partial');
    await redis.del(partial);
    for (const [name, bytes] of files) {
      for (let at = 0, i = 0; at < bytes.length; at += PIECE, i++) {
        const piece = await compress(bytes.subarray(at, at + PIECE), { level: 1 });
        await written(this.connection, () => redis.hset(partial, `${name}/${i}`, piece), { onNote: this.onNote });
      }
    }
    await redis.rename(partial, key('data', digest));
    await redis.expire(key('data', digest), KEPT_SECONDS);
  }
}

/** The files of a data set, made of what was read: the same images and labels, in a layout that `loadDataset` reads. */
function filesOf({ name, train, test }: LoadedData): [string, Uint8Array][] {
  if (LAYOUTS[name] === 'idx') {
    return [train, test].flatMap(({ x, y }, i): [string, Uint8Array][] => {
      const [count, , height, width] = x.shape;
      return [
        [MNIST[2 * i]!, idx([count!, height!, width!], x.data() as Uint8Array)],
        [MNIST[2 * i + 1]!, idx([count!], Uint8Array.from(y.data()))],
      ];
    });
  }
  return [train, test].map(({ x, y }, i): [string, Uint8Array] => {
    const [count, ...shape] = x.shape;
    const image = shape.reduce((a, b) => a * b, 1);
    const records = new Uint8Array(count! * (image + 1));
    const [images, labels] = [x.data() as Uint8Array, y.data()];
    for (let n = 0; n < count!; n++) {
      records[n * (image + 1)] = labels[n]!;
      records.set(images.subarray(n * image, (n + 1) * image), n * (image + 1) + 1);
    }
    return [CIFAR[i]!, records];
  });
}

/** A file of bytes in the IDX format. */
function idx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const head = 4 + 4 * shape.length;
  const bytes = new Uint8Array(head + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  shape.forEach((size, i) => {
    view.setUint32(4 + 4 * i, size);
  });
  bytes.set(values, head);
  return bytes;
}

// ---- The worker ----

const ASK_AGAIN_MS = 500;
/** How long a worker waits for a submitter to send a data set before it lets another one have the run. */
const WAIT_MS = 120_000;

/** The data sets of a worker's machine. */
export class DataStore {
  readonly #found = new Map<string, Promise<string | null>>();

  /**
   * @param directory where data sets that were sent are kept
   * @param own a directory to look for data sets in; null: where they usually are
   */
  constructor(
    private readonly connection: Connection,
    private readonly directory: string,
    private readonly own: string | null,
    private readonly onNote: (text: string) => void,
  ) {}

  /**
   * The directory of a data set with this checksum, for `loadDataset`; null where it needs none.
   *
   * @throws {MissingDataError} when it is not on this machine, and nobody sends it
   */
  find(dataset: DatasetName, digest: string, signal: AbortSignal): Promise<string | null> {
    const id = `${dataset} ${digest}`;
    const found = this.#found.get(id) ?? this.#find(dataset, digest, signal);
    this.#found.set(id, found);
    // A failure is not remembered: the submitter may be back.
    found.catch(() => this.#found.delete(id));
    return found;
  }

  async #find(dataset: DatasetName, digest: string, signal: AbortSignal): Promise<string | null> {
    checkCarried(dataset);
    const kept = path.join(this.directory, digest);
    const places = [...new Set([this.own, null])];
    if (fs.existsSync(kept)) places.unshift(kept);
    for (const place of places) {
      try {
        if ((await checksumOf(dataset, place)) === digest) return place;
      } catch {
        // It is not there, or is not what it should be.
      }
    }
    await this.#fetch(dataset, digest, kept, signal);
    if ((await checksumOf(dataset, kept)) === digest) return kept;
    fs.rmSync(kept, { recursive: true, force: true });
    throw new MissingDataError('what was sent has another checksum than was asked for', { where: dataset });
  }

  async #fetch(dataset: DatasetName, digest: string, kept: string, signal: AbortSignal): Promise<void> {
    const { redis, key } = this.connection;
    const until = performance.now() + WAIT_MS;
    while ((await redis.exists(key('data', digest))) === 0) {
      if (performance.now() > until || signal.aborted)
        throw new MissingDataError('it is not on this machine, and nobody sends it', {
          where: dataset,
          hint: 'start the command that submitted the runs again, or give this worker the directory of the files',
          options: ['data'],
        });
      await redis.sadd(key('wanted'), digest);
      await pause(ASK_AGAIN_MS, signal);
    }
    this.onNote(`fetching ${dataset}`);
    const pieces = new Map<string, [number, Uint8Array][]>();
    for (const field of await redis.hkeys(key('data', digest))) {
      const [name, i] = field.split('/');
      if (![...MNIST, ...CIFAR].includes(name!)) continue;
      const bytes = await redis.hgetBuffer(key('data', digest), field);
      if (bytes === null) continue;
      const plain = zlib.gunzipSync(bytes, { maxOutputLength: PIECE });
      pieces.set(name!, [...(pieces.get(name!) ?? []), [Number(i), plain]]);
    }
    makeDirectory(kept);
    for (const [name, list] of pieces) {
      const ordered = list.sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
      writeFileAtomic(path.join(kept, name), Buffer.concat(ordered));
    }
  }
}
