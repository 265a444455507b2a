/** Kernels from outside the JavaScript. The library starts once in a process: each case has one of its own. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const dist = path.resolve(import.meta.dirname, '../../dist');
const kernels = fs.readFileSync(path.join(dist, 'kernels.wasm'));
let scratch: string;
let server: http.Server;
let origin: string;

beforeAll(async () => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-wasm-'));
  server = http.createServer((request, response) => {
    const type =
      request.url === '/text.wasm'
        ? 'text/plain'
        : request.url === '/page.wasm'
          ? 'text/html; charset=utf-8'
          : 'application/wasm';
    if (request.url === '/missing.wasm') response.writeHead(404).end('not found');
    else if (request.url === '/page.wasm')
      response.writeHead(200, { 'content-type': type }).end('<!doctype html><title>the program</title>');
    else if (request.url === '/broken.wasm') {
      response
        .writeHead(200, { 'content-type': type, 'content-length': kernels.length })
        .write(kernels.subarray(0, 1000));
      setTimeout(() => response.destroy(), 50);
    } else response.writeHead(200, { 'content-type': type }).end(kernels);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  fs.rmSync(scratch, { recursive: true });
});

interface Answer {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly variant?: string;
  readonly threads?: number;
  readonly threadsReason?: string;
  readonly sum?: number;
}

/** What `init` says in a fresh process. `wasm` is an expression; `file` the bytes of `file` in it. */
function init(wasm: string, file: Uint8Array = kernels, rest = 'threads: 1'): Promise<Answer> {
  const name = path.join(scratch, `${Math.random()}.wasm`);
  fs.writeFileSync(name, file);
  const program = `
    import fs from 'node:fs';
    import vm from 'node:vm';
    import { arange, init } from ${JSON.stringify(path.join(dist, 'slim.js'))};
    const [origin, url] = ${JSON.stringify([origin, pathToFileURL(name).href])};
    const bytes = fs.readFileSync(new URL(url));
    const sum = (info) => ({ ...info, sum: arange(5).sum().item() });
    const fields = ({ name, code, message }) => ({ name, code, message });
    const answer = await init({ wasm: ${wasm}, ${rest} }).then(sum, fields);
    console.log(JSON.stringify(answer));
  `;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('close', () => {
      if (stdout === '') reject(new Error(stderr));
      else resolve(JSON.parse(stdout) as Answer);
    });
  });
}

/** The kernels, marked as made from other sources. */
function ofAnotherVersion(): Uint8Array {
  const mark = kernels.lastIndexOf('lanewise') + 'lanewise'.length;
  return Buffer.concat([kernels.subarray(0, mark), Buffer.from('0123456789abcdef'), kernels.subarray(mark + 16)]);
}

const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

test.each([
  'vm.runInNewContext("Uint8Array.from(bytes)", { bytes })',
  'vm.runInNewContext("new WebAssembly.Module(bytes)", { bytes })',
  'bytes',
  'bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)',
  'url',
  'new URL(url)',
  'origin + "/kernels.wasm"',
  'origin + "/text.wasm"',
  'fetch(origin + "/kernels.wasm")',
  'await fetch(origin + "/kernels.wasm")',
  'new Response(bytes)',
  'new WebAssembly.Module(bytes)',
])(
  '%s will do',
  async (wasm) => {
    expect(await init(wasm)).toEqual({ variant: 'simd', threads: 1, maximumMemory: 2 ** 32, sum: 10 });
  },
  60_000,
);

test('a Module runs on one thread, and init says why', async () => {
  expect(await init('new WebAssembly.Module(bytes)', kernels, 'threads: 2, oversubscribe: true')).toMatchObject({
    threads: 1,
    threadsReason: expect.stringMatching(/compiled Module cannot be given shared memory \(give its bytes/),
    sum: 10,
  });
  expect(await init('bytes', kernels, 'threads: 2, oversubscribe: true')).toEqual({
    variant: 'simd',
    threads: 2,
    maximumMemory: 2 ** 32,
    sum: 10,
  });
}, 60_000);

test('fast: true says which kernels it was given', async () => {
  expect(await init('bytes', kernels, 'threads: 1, fast: true')).toEqual({
    variant: 'simd',
    threads: 1,
    maximumMemory: 2 ** 32,
    sum: 10,
  });
}, 60_000);

const relaxed = (): Uint8Array => fs.readFileSync(path.join(dist, 'kernels.relaxed.wasm'));
test.each<[string, string, () => Uint8Array, string, RegExp]>([
  [
    'an address without a file',
    'origin + "/missing.wasm"',
    () => kernels,
    'LANEWISE_MISSING_DATA',
    /missing\.wasm cannot be read: the server says 404\n {2}hint: serve lanewise\/kernels\.wasm/,
  ],
  [
    'a Response without a file',
    'fetch(origin + "/missing.wasm")',
    () => kernels,
    'LANEWISE_MISSING_DATA',
    /missing\.wasm cannot be read: the server says 404/,
  ],
  [
    'a server that is not there',
    '"http://127.0.0.1:1/kernels.wasm"',
    () => kernels,
    'LANEWISE_MISSING_DATA',
    /127\.0\.0\.1:1\/kernels\.wasm cannot be read/,
  ],
  [
    'a transfer that breaks off',
    'origin + "/broken.wasm"',
    () => kernels,
    'LANEWISE_MISSING_DATA',
    /broken\.wasm cannot be read/,
  ],
  [
    'a file that is not there',
    'url + ".gz"',
    () => kernels,
    'LANEWISE_MISSING_DATA',
    /wasm\.gz cannot be read: .*ENOENT/,
  ],
  [
    "a program's page",
    'origin + "/page.wasm"',
    () => kernels,
    'LANEWISE_FILE_FORMAT',
    /page\.wasm at byte 0: not a WebAssembly module: it begins with "<!doctype html><", .* text\/html.*\n {2}hint: /,
  ],
  [
    'other bytes',
    'bytes',
    () => Uint8Array.of(1, 2, 3),
    'LANEWISE_FILE_FORMAT',
    /init: wasm at byte 0: not a WebAssembly module/,
  ],
  ['no bytes', 'bytes', () => new Uint8Array(), 'LANEWISE_FILE_FORMAT', /not a WebAssembly module/],
  [
    'half of the file',
    'bytes',
    () => kernels.subarray(0, kernels.length / 2),
    'LANEWISE_FILE_FORMAT',
    /the 1\d{5} bytes are truncated or corrupt/,
  ],
  [
    'a damaged file',
    'url',
    () => Uint8Array.from(kernels, (byte, i) => (i === 60_000 ? byte ^ 255 : i > 60_000 && i < 60_050 ? 255 : byte)),
    'LANEWISE_FILE_FORMAT',
    /truncated or corrupt/,
  ],
  [
    'the kernels of another version',
    'bytes',
    ofAnotherVersion,
    'LANEWISE_ARGUMENT',
    /another version of lanewise\n {2}hint: .*same version/,
  ],
  [
    'a Module of another version',
    'new WebAssembly.Module(bytes)',
    ofAnotherVersion,
    'LANEWISE_ARGUMENT',
    /another version/,
  ],
  ['another module', 'bytes', () => EMPTY_MODULE, 'LANEWISE_ARGUMENT', /not the kernels of lanewise/],
  [
    'something else',
    '({ url })',
    () => kernels,
    'LANEWISE_ARGUMENT',
    /cannot come from an object\n {2}hint: give bytes, URL, Response or Module/,
  ],
])(
  '%s is refused with words that help',
  async (_what, wasm, file, code, message) => {
    for (const threads of ['threads: 1', 'threads: 2, oversubscribe: true']) {
      const answer = await init(wasm, file(), threads);
      expect(answer.message).toMatch(message);
      expect(answer.code).toBe(code);
    }
  },
  120_000,
);

test('the relaxed kernels are refused where they were not asked for', async () => {
  const answer = await init('bytes', relaxed());
  // Node 20 cannot even compile them.
  const hasRelaxed = Number(process.versions.node.split('.')[0]) >= 22;
  expect(answer.message).toMatch(
    hasRelaxed ? /relaxed kernels\n {2}hint: add fast: true/ : /needs an engine with relaxed SIMD/,
  );
}, 60_000);
