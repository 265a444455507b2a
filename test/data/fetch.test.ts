import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { absoluteAddress } from '../../src/data/address.js';
import { FASHION_MNIST, fetchMnist, MissingDataError, memory } from '../../src/index.js';
import { idx } from '../support/idx.js';
import { free, writeTiny } from '../support/tinyData.js';

let directory: string;
const home = process.cwd();
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-data-'));
});
afterEach(() => {
  process.chdir(home);
  fs.rmSync(directory, { recursive: true });
  expect(memory().tensors, 'nothing is left alive').toBe(0);
});

const subset = path.resolve(import.meta.dirname, '../../dist/mnist-subset');

describe('fetchMnist', () => {
  async function withServer<R>(use: (url: string) => Promise<R>, answer?: http.RequestListener): Promise<R> {
    const server = http.createServer(
      answer ??
        ((request, response) => {
          const file = path.join(directory, path.basename(request.url!));
          if (fs.existsSync(file)) response.end(fs.readFileSync(file));
          else response.writeHead(404).end('not found');
        }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mnist`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test('reads a directory, by its path or its file: address', async () => {
    writeTiny(directory, [4, 9, 0], [7, 1], true);
    const places = [directory, path.relative(process.cwd(), directory), pathToFileURL(directory), `${directory}/`];
    for (const place of places) {
      const loaded = await fetchMnist(place);
      expect(loaded.train.y.toArray()).toEqual([4, 9, 0]);
      free(loaded);
    }
    await expect(fetchMnist(path.join(directory, 'nowhere'))).rejects.toThrow(/there is neither file:.*nowhere/);
    fs.rmSync(path.join(directory, 'train-images-idx3-ubyte.gz'));
    fs.mkdirSync(path.join(directory, 'train-images-idx3-ubyte.gz'));
    await expect(fetchMnist(directory)).rejects.toThrow(MissingDataError);
  });

  test('takes an address as relative to the page, in a page', () => {
    vi.stubGlobal('document', { baseURI: 'https://example.org/demo/index.html' });
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
    try {
      expect(absoluteAddress('mnist/')).toBe('https://example.org/demo/mnist/');
      expect(absoluteAddress('/mnist/')).toBe('https://example.org/mnist/');
      expect(absoluteAddress('https://elsewhere.org/')).toBe('https://elsewhere.org/');
    } finally {
      vi.restoreAllMocks();
      vi.unstubAllGlobals();
    }
  });

  test.each([
    ['plain', false],
    ['compressed', true],
  ])('fetches the four files, %s', async (_how, compress) => {
    writeTiny(directory, [4, 9, 0], [7, 1], compress);
    for (const slash of ['', '/']) {
      const loaded = await withServer((url) => fetchMnist(url + slash, { dataset: 'fashion-mnist' }));
      expect([loaded.train.y.toArray(), loaded.test.y.toArray(), loaded.name]).toEqual([
        [4, 9, 0],
        [7, 1],
        FASHION_MNIST.name,
      ]);
      free(loaded);
    }
  });

  test('fetches the digits that come with lanewise', async () => {
    for (const name of fs.readdirSync(subset)) fs.copyFileSync(path.join(subset, name), path.join(directory, name));
    const loaded = await withServer((url) => fetchMnist(url, { dataset: 'mnist-subset' }));
    expect([loaded.train.x.shape, loaded.name]).toEqual([[6000, 1, 28, 28], 'mnist-subset']);
    free(loaded);
  });

  test('takes a file that the server let the transfer decompress', async () => {
    writeTiny(directory, [4], [7], true);
    const loaded = await withServer(
      (url) => fetchMnist(url),
      (request, response) => {
        response
          .setHeader('content-encoding', 'gzip')
          .end(fs.readFileSync(path.join(directory, path.basename(request.url!))));
      },
    );
    expect(loaded.train.y.toArray()).toEqual([4]);
    free(loaded);
  });

  test('says what the server said, or that there is none', async () => {
    await expect(withServer((url) => fetchMnist(url))).rejects.toThrow(
      /neither http.*t10k-images-idx3-ubyte nor .*\.gz \(the server says 404, no type\)/,
    );
    await expect(fetchMnist('http://127.0.0.1:9/')).rejects.toThrow(MissingDataError);
    await expect(
      withServer(
        (url) => fetchMnist(url),
        (_request, response) => response.end('<!doctype html>'),
      ),
    ).rejects.toThrow(/two zero bytes/);
    await expect(
      withServer(
        (url) => fetchMnist(url),
        (_request, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end('<!doctype html>'),
      ),
    ).rejects.toThrow(/the server says 200, text\/html/);
    const aborted = AbortSignal.abort();
    await expect(withServer((url) => fetchMnist(url, { signal: aborted }))).rejects.toThrow(/abort/i);
  });

  test('stops reading what is longer than its header says, and what breaks off', async () => {
    await expect(
      withServer(
        (url) => fetchMnist(url),
        (_request, response) => {
          response.write(idx(8, [1, 2, 3], new Uint8Array(6)));
          const timer = setInterval(() => response.write(Buffer.alloc(65_536)), 1);
          response.on('close', () => clearInterval(timer));
        },
      ),
    ).rejects.toThrow(/at byte 22: more than the 22 bytes/);
    await expect(
      withServer(
        (url) => fetchMnist(url),
        (_request, response) => {
          response.writeHead(200, { 'content-length': 1000 }).write(Buffer.alloc(100));
          setTimeout(() => response.destroy(), 20);
        },
      ),
    ).rejects.toThrow(/the transfer broke off after 100 bytes/);
  });
});
