/** MNIST and Fashion-MNIST by their address, in any runtime. */
import { checkArguments } from '../runtime/arguments.js';
import { FileFormatError, MissingDataError } from '../runtime/errors.js';
import { absoluteAddress, fetchAddress } from './address.js';
import { collect, gunzip, isGzip } from './gzip.js';
import { idxLength } from './idx.js';
import { DATASETS, type DatasetName, dataFromIdx, type LoadedData, type NamedBytes } from './sets.js';

/** What is fetched. */
export interface FetchOptions {
  /** Which data set lies there. Default: mnist. */
  readonly dataset?: Exclude<DatasetName, 'cifar10'>;
  readonly signal?: AbortSignal;
}

/**
 * Fetches the four IDX files below `baseUrl`, an address or, in Node, Deno and Bun, a directory: each compressed
 * (`train-images-idx3-ubyte.gz`) or, where that is not found, plain. A page can fetch only from its own origin, or
 * where the server allows it (CORS).
 *
 * The digits that come with the package, where its directory `dist/mnist-subset` is served, are the data set
 * `mnist-subset`. MNIST's licence is CC BY-SA 3.0.
 *
 * @throws {MissingDataError} when a file cannot be fetched
 * @throws {FileFormatError} when a file is not what it should be
 * @example
 * const { train, test } = await fetchMnist('/data/mnist/');
 */
export async function fetchMnist(baseUrl: string | URL, options: FetchOptions = {}): Promise<LoadedData> {
  checkArguments(
    `fetchMnist(baseUrl="/data/mnist/"|url, { dataset: 'mnist'|'mnist-subset'|'fashion-mnist', signal })`,
    baseUrl,
    options,
  );
  const { dataset = 'mnist', signal } = options;
  const base = absoluteAddress(baseUrl).replace(/\/*$/, '/');
  return dataFromIdx((name) => fetchIdx(base + name, signal), DATASETS[dataset]);
}

async function fetchIdx(url: string, signal: AbortSignal | undefined): Promise<NamedBytes> {
  let answer = '';
  for (const name of [`${url}.gz`, url]) {
    const response = await request(name, signal);
    const type = response.headers.get('content-type') ?? 'no type';
    answer = `${response.status}, ${type}`;
    // Servers of single-page programs answer every address with their page.
    if (!response.ok || response.body === null || type.startsWith('text/html')) {
      await response.body?.cancel();
      continue;
    }
    const limit = (head: Uint8Array): number => idxLength(head, name);
    // A server may say that the file is gzip-encoded; then it arrives decompressed under its compressed name.
    const bytes = await collect(
      response.body,
      { name, limit: (head) => (isGzip(head) ? COMPRESSED_LIMIT : limit(head)) },
      (cause, read) =>
        new FileFormatError(`the transfer broke off after ${read} bytes: ${String(cause)}`, {
          file: name,
          offset: read,
          cause,
        }),
    );
    return { name, bytes: isGzip(bytes) ? await gunzip(bytes, { name, limit }) : bytes };
  }
  throw new MissingDataError(`there is neither ${url} nor ${url}.gz (the server says ${answer})`, {
    where: 'fetchMnist',
    hint: 'it must be the directory of train-images-idx3-ubyte, …',
  });
}

/** More than any of the files takes when compressed. */
const COMPRESSED_LIMIT = 2 ** 28;

async function request(url: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetchAddress(url, signal);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new MissingDataError(`${url} cannot be fetched: ${String((cause as Error).cause ?? cause)}`, {
      where: 'fetchMnist',
      hint: 'is the server up, and does it allow this page to read (CORS)?',
      cause,
    });
  }
}
