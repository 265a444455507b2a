// Builds everything: AssemblyScript -> kernels.wasm + typings -> inlined module -> JS bundles and .d.ts.
//   node scripts/build.mjs            one build into dist/
//   node scripts/build.mjs --watch    rebuild on change
//   node scripts/build.mjs --kernels  the generated sources only (what the tests import)
//   node scripts/build.mjs --debug    these, and build/kernels.debug.wasm, which asserts preconditions

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { appendLicenses, LICENSES_BANNER, recordBundle, writeLicenses } from './licenses.mjs';
import { compressLzma } from './lzma.mjs';
import { writeMnistSubset } from './mnist-subset.mjs';
import { buildPage } from './page.mjs';
import { splitWasm } from './wasm-streams.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

/** Runs one of the project's command line tools and rejects with its output when it fails. */
function run(script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${path.basename(script)} ended with code ${code}`)),
    );
  });
}

function filesBelow(folder, suffix) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((name) => name.endsWith(suffix))
    .sort();
}

/** A digest of all that the kernels are made from, so that an unchanged source is not compiled again. */
function kernelSourcesDigest() {
  const hash = createHash('sha256');
  const compiler = JSON.parse(fs.readFileSync('node_modules/assemblyscript/package.json', 'utf8')).version;
  hash.update(compiler);
  for (const name of [
    'asconfig.json',
    'scripts/build.mjs',
    'scripts/drop-asserts.mjs',
    'scripts/kernel-interface.mjs',
    'scripts/lzma.mjs',
    'scripts/wasm-streams.mjs',
    ...filesBelow('assembly', '.ts'),
  ]) {
    hash.update(name).update('\0').update(fs.readFileSync(name)).update('\0');
  }
  return hash.digest('hex');
}

const HEADING = '// Made by scripts/build.mjs. Not kept in git.\n';

/** The builds of the kernels, the first of which gives the typings; each is carried in a module of its own. */
const VARIANTS = ['baseline', 'relaxed'];
const wasmFile = (variant) => (variant === 'baseline' ? 'kernels.wasm' : `kernels.${variant}.wasm`);

/** Types of AssemblyScript → TypeScript; a record is passed by the address of one. */
function typeScriptOf(type, records) {
  if (type === 'void') return type;
  if (type === 'bool') return 'boolean';
  if (type === 'usize') return 'Address';
  if (type === 'OptionalAddress') return type;
  return type in records ? `RecordAddress<'${type}'>` : 'number';
}

/** The kernels with their parameters, and the records: what kernel-interface.mjs found, as TypeScript. */
function typings({ functions, records }) {
  const kernels = Object.entries(functions).map(([name, { parameters, returns, comment }]) => {
    const list = parameters.map(([parameter, type]) => `${parameter}: ${typeScriptOf(type, records)}`).join(', ');
    const lines =
      comment.length === 0
        ? []
        : [
            '/**',
            ...comment
              .filter((line, i) => line !== '' || (i > 0 && i < comment.length - 1))
              .map((line) => ` * ${line}`.trimEnd()),
            ' */',
          ];
    return [...lines, `readonly ${name}: (${list}) => ${typeScriptOf(returns, records)};`]
      .map((line) => `  ${line}\n`)
      .join('');
  });
  const fields = Object.entries(records).map(
    ([name, list]) => `  ${name}: [${list.map(([field]) => `'${field}'`).join(', ')}],\n`,
  );
  return (
    `/** Every kernel with its parameters. */\nexport interface Kernels {\n  readonly memory: WebAssembly.Memory;\n${kernels.join('')}}\n\n` +
    `/** The records: their fields in the order in which they stand in memory, 32 bits each. */\nexport const records = {\n${fields.join('')}} as const;\n\n`
  );
}

/** The kernels whose last two arguments are a share: what threads can split, and what a call of them costs. They stand at their place among the exports. */
function shareTable({ functions, records }, module) {
  const rows = WebAssembly.Module.exports(new WebAssembly.Module(module)).map(({ name }) => {
    const { parameters = [], work = null } = functions[name] ?? {};
    const names = parameters.map(([parameter]) => parameter);
    if (names.at(-2) !== 'begin' || names.at(-1) !== 'end') return `  , // ${name}`;
    const parts = [];
    if (names.includes('scratch')) parts.push(`scratch: ${names.indexOf('scratch')}`);
    if (work !== null) {
      const [args, record] = ['args[', 'record['].map((text) => work.includes(text));
      if (record) parts.push(`record: ${parameters.findIndex(([, type]) => type in records)}`);
      parts.push(`work: (length${args ? ', args' : record ? ', _args' : ''}${record ? ', record' : ''}) => ${work}`);
    }
    return `  ${parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`}, // ${name}`;
  });
  return `/** The kernels that threads can split, each at its place among the exports. */\nexport const shareKernels: readonly (ShareKernel | undefined)[] = [\n${rows.join('\n')}\n];\n`;
}

const MARK = 'lanewise';

/** A custom section of a module that tells which sources it was made from, and how. */
function markSection(text) {
  const contents = Buffer.from(`${String.fromCharCode(MARK.length)}${MARK}${text}`);
  return Buffer.from([0, contents.length, ...contents]);
}

/** The transforms of asc. */
const INTERFACE = './scripts/kernel-interface.mjs';
const DROP_ASSERTS = './scripts/drop-asserts.mjs';

function compile(target, transforms) {
  return run('node_modules/assemblyscript/bin/asc.js', [
    '--config',
    'asconfig.json',
    '--target',
    target,
    ...transforms.flatMap((file) => ['--transform', file]),
  ]);
}

/** A module that carries kernels. */
function carriedModule(file) {
  const compressed = Buffer.from(compressLzma(splitWasm(fs.readFileSync(`build/${file}`))));
  return `${HEADING}/** ${file}, in streams, compressed as LZMA, in base64. */\nexport const kernelsText: string =\n  '${compressed.toString('base64')}';\n`;
}

async function buildKernels() {
  const generated = 'src/runtime/kernels.generated.ts';
  const generatedVariant = (variant) => `src/runtime/kernels.${variant}.generated.ts`;
  const stamp = 'build/kernels.digest';
  const digest = kernelSourcesDigest();
  const fresh =
    fs.existsSync(stamp) &&
    fs.readFileSync(stamp, 'utf8') === digest &&
    [generated, ...VARIANTS.map(generatedVariant)].every((file) => fs.existsSync(file));
  if (!fresh) {
    fs.mkdirSync('build', { recursive: true });
    await Promise.all(
      VARIANTS.map((target) => compile(target, target === VARIANTS[0] ? [INTERFACE, DROP_ASSERTS] : [DROP_ASSERTS])),
    );
    for (const variant of VARIANTS)
      fs.appendFileSync(`build/${wasmFile(variant)}`, markSection(`${digest.slice(0, 16)} ${variant}`));
    const described = JSON.parse(fs.readFileSync('build/kernels.json', 'utf8'));
    fs.writeFileSync(
      generated,
      `${HEADING}import type { Address, OptionalAddress, RecordAddress } from './address.js';\nimport type { ShareKernel } from './shares.js';\n\n` +
        typings(described) +
        shareTable(described, fs.readFileSync('build/kernels.wasm')) +
        `\n/** What the section "${MARK}" of the kernels that belong to this JavaScript begins with. */\nexport const kernelsMark = '${digest.slice(0, 16)}';\n`,
    );
    for (const variant of VARIANTS) fs.writeFileSync(generatedVariant(variant), carriedModule(wasmFile(variant)));
    fs.writeFileSync(stamp, digest);
  }
  fs.mkdirSync('dist', { recursive: true });
  for (const file of VARIANTS.map(wasmFile)) fs.copyFileSync(`build/${file}`, `dist/${file}`);
}

const shared = {
  bundle: true,
  target: 'es2022',
  legalComments: 'inline',
  logLevel: 'warning',
  metafile: true,
  banner: { js: LICENSES_BANNER },
};

/**
 * Writes the script of the kernel threads: into the library, and into the file from which they can be started where
 * pages allow no worker from a Blob.
 */
async function buildThreadScript() {
  const {
    outputFiles: [script],
  } = await esbuild.build({
    ...shared,
    entryPoints: ['src/runtime/threadWorker.ts'],
    format: 'iife',
    platform: 'neutral',
    minify: true,
    write: false,
  });
  fs.writeFileSync(
    'src/runtime/threadScript.generated.ts',
    `${HEADING}/** What every kernel thread runs: src/runtime/threadWorker.ts in one script. */\nexport const threadScript: string =\n  ${JSON.stringify(script.text)};\n`,
  );
  fs.mkdirSync('dist', { recursive: true });
  fs.writeFileSync('dist/thread.js', script.text);
}

/**
 * Writes the script that `trainInWorker` starts where it is given no worker: one text without the kernels, which the
 * program passes on to it.
 */
async function buildWorkerScript() {
  const built = await esbuild.build({
    ...shared,
    entryPoints: ['src/worker/script.ts'],
    format: 'iife',
    platform: 'neutral',
    minifyWhitespace: true,
    minifySyntax: true,
    write: false,
    plugins: [
      {
        name: 'without-kernels',
        setup(build) {
          build.onResolve({ filter: /kernels\.relaxed\.generated\.js$/ }, ({ path: request }) => ({
            path: request,
            namespace: 'without-kernels',
          }));
          build.onLoad({ filter: /.*/, namespace: 'without-kernels' }, () => ({
            contents: "export const kernelsText = '';",
          }));
        },
      },
    ],
  });
  recordBundle('workerScript', built);
  const [script] = built.outputFiles;
  fs.writeFileSync(
    'src/worker/workerScript.generated.ts',
    `${HEADING}/** What lanewise's own worker runs: src/worker/script.ts in one script. */\nexport const workerScript: string =\n  ${JSON.stringify(script.text)};\n`,
  );
}

/** The public entry points: their names in dist/, and their sources. */
const ENTRIES = [
  ['index', 'src/index.ts'],
  ...['slim', 'node', 'recipes', 'worker'].map((name) => [name, `src/${name}/index.ts`]),
];

/** The library as ES modules: `lanewise` (any runtime), `lanewise/slim` (without the kernels), `lanewise/node` (files), `lanewise/recipes` (runs by settings) and `lanewise/worker` (off the main thread), sharing their chunks. */
const library = {
  ...shared,
  // Half of the time that an import takes is reading through the code. Names stay: errors and models print them.
  minifyWhitespace: true,
  minifySyntax: true,
  entryPoints: Object.fromEntries(ENTRIES),
  format: 'esm',
  platform: 'neutral',
  splitting: true,
  external: ['node:*'],
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
};

/** All of it in one file that a `<script>` tag can name: the global variable `lanewise`. */
const script = {
  ...shared,
  entryPoints: { 'lanewise.iife': 'src/index.ts' },
  format: 'iife',
  globalName: 'lanewise',
  minify: true,
  outdir: 'dist',
};

/**
 * The command line: a face on the built library, with the packages that it shows itself through bundled in. Beside it
 * what the processes of `lanewise experiment` run: our part, and the pool's, which tinypool looks for in entry/.
 */
const commandLine = {
  ...shared,
  entryPoints: {
    cli: 'src/cli/main.ts',
    'experiment-worker': 'src/experiments/worker.ts',
    'entry/process': 'node_modules/tinypool/dist/entry/process.js',
  },
  format: 'esm',
  platform: 'node',
  outdir: 'dist',
  banner: {
    js:
      `#!/usr/bin/env node\n${LICENSES_BANNER}\nimport { createRequire as __createRequire } from 'node:module';\n` +
      'const require = __createRequire(import.meta.url);',
  },
  plugins: [
    {
      name: 'library-from-dist',
      setup(build) {
        build.onResolve({ filter: /\/index\.js$/ }, ({ path: request, resolveDir }) => {
          const source = path
            .relative('.', path.resolve(resolveDir, request))
            .replaceAll(path.sep, '/')
            .replace(/\.js$/, '.ts');
          const entry = ENTRIES.find(([, file]) => file === source);
          return entry === undefined ? undefined : { path: `./${entry[0]}.js`, external: true };
        });
      },
    },
  ],
};

/** What every report of a study carries to draw its figures, and what draws their SVG files: one module, no imports. */
const reportProgram = {
  ...shared,
  entryPoints: { report: 'src/report/page/main.ts' },
  format: 'esm',
  minify: true,
  charset: 'utf8',
  outdir: 'dist',
  banner: {
    js:
      '/*! Draws with Apache ECharts (Apache-2.0, https://echarts.apache.org) and zrender (BSD-3-Clause): ' +
      'see the licences at the end. */',
  },
};

/**
 * Lets bundlers drop the namespaces (`nn`, `optim`, …) that a program does not use: esbuild fills the object of one by
 * a call, which looks as if it had other effects.
 */
function markNamespaces() {
  for (const file of filesBelow('dist/chunks', '.js')) {
    const code = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(
      file,
      code.replace(
        /\bvar (\w+)=\{\};__export\(\1,(\{[^}]*\})\);/g,
        'var $1=/* @__PURE__ */((namespace)=>(__export(namespace,$2),namespace))({});',
      ),
    );
  }
}

/** Takes the import of esbuild's helpers out of the modules that carry kernels: they use none. */
function freeKernelModules() {
  for (const file of filesBelow('dist/chunks', '.js').filter((name) => path.basename(name).startsWith('kernels.'))) {
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/^import"[^"]*";/m, ''));
  }
}

/**
 * Lets the kernels come before all code where a program is bundled: in its midst, their 50 kB keep gzip, which looks
 * back 32 kB, from seeing the code before them (240 bytes).
 */
function putKernelsFirst() {
  const carriesKernels = (file) =>
    path.basename(file).startsWith('chunk-') && fs.readFileSync(file, 'utf8').includes('var kernelsText="');
  const address = `"./chunks/${path.basename(filesBelow('dist/chunks', '.js').find(carriesKernels))}"`;
  for (const file of fs
    .readdirSync('dist')
    .filter((name) => name.endsWith('.js'))
    .map((name) => `dist/${name}`)) {
    const code = fs.readFileSync(file, 'utf8');
    if (code.includes(address)) fs.writeFileSync(file, code.replace(/^import\b/m, `import${address};import`));
  }
}

/**
 * The same chunks again as CommonJS, so that both faces of the library keep sharing one state there too; and beside
 * each entry an ES module that hands on what it exports. Node imports that one: a program that imports the library and
 * also requires it, as its packages may, has one runtime.
 */
async function buildCommonJs() {
  fs.mkdirSync('dist/cjs', { recursive: true });
  fs.writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
  const entries = ENTRIES.map(([name]) => `${name}.js`);
  const modules = [...entries, ...filesBelow('dist/chunks', '.js').map((name) => path.relative('dist', name))];
  for (const name of modules) {
    const { code } = await esbuild.transform(fs.readFileSync(path.join('dist', name), 'utf8'), {
      format: 'cjs',
      target: shared.target,
      platform: 'node',
      // Node prints the line that an uncaught error was thrown from.
      minifyWhitespace: true,
      lineLimit: 160,
      define: { 'import.meta.url': '__filename' },
    });
    fs.mkdirSync(path.join('dist/cjs', path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join('dist/cjs', name), code);
  }
  const {
    metafile: { outputs },
  } = await esbuild.build({
    entryPoints: entries.map((name) => path.join('dist', name)),
    format: 'esm',
    outdir: 'dist',
    write: false,
    metafile: true,
  });
  for (const name of entries) {
    const { exports } = outputs[`dist/${name}`];
    fs.writeFileSync(
      path.join('dist/cjs', name.replace(/\.js$/, '.mjs')),
      `import library from './${name}';\nexport const { ${exports.join(', ')} } = library;\n`,
    );
  }
}

/** The digits that the package carries; made anew only where the script that draws them has changed. */
function buildDigits() {
  const made = 'build/mnist-subset';
  const stamp = `${made}.digest`;
  const digest = createHash('sha256').update(fs.readFileSync('scripts/mnist-subset.mjs')).digest('hex');
  if (!fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8') !== digest) {
    writeMnistSubset(made);
    fs.writeFileSync(stamp, digest);
  }
  fs.cpSync(made, 'dist/mnist-subset', { recursive: true });
}

async function buildTypes() {
  await run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.types.json']);
  fs.cpSync('dist/types', 'dist/cjs/types', { recursive: true });
}

async function buildAll() {
  fs.rmSync('dist', { recursive: true, force: true });
  await buildKernels();
  await buildThreadScript();
  await buildWorkerScript();
  const bundles = Object.entries({ library, script, commandLine, reportProgram });
  await Promise.all(bundles.map(async ([name, options]) => recordBundle(name, await esbuild.build(options))));
  appendLicenses('dist/report.js', 'reportProgram');
  fs.chmodSync('dist/cli.js', 0o755);
  markNamespaces();
  freeKernelModules();
  putKernelsFirst();
  await buildCommonJs();
  buildDigits();
  await buildTypes();
  await buildPage();
  writeLicenses();
}

/** Rebuilds after each burst of changes below assembly/ and src/; an error is printed and the watch goes on. */
async function watch() {
  let timer;
  let building = Promise.resolve();
  const rebuild = () => {
    building = building.then(buildAll).then(
      () => console.log(`built at ${new Date().toLocaleTimeString()}; watching assembly/ and src/`),
      (error) => console.error(String(error.message ?? error)),
    );
  };
  for (const folder of ['assembly', 'src']) {
    fs.watch(folder, { recursive: true }, (_event, name) => {
      if (name?.endsWith('.generated.ts')) return;
      clearTimeout(timer);
      timer = setTimeout(rebuild, 100);
    });
  }
  rebuild();
}

const mode = process.argv[2];
if (mode === '--watch') await watch();
else if (mode === '--kernels' || mode === '--debug') {
  await buildKernels();
  await buildThreadScript();
  await buildWorkerScript();
  if (mode === '--debug') await compile('debug', []);
} else if (mode === undefined) await buildAll();
else {
  console.error(`unknown option ${mode}; use --watch, --kernels, --debug or nothing`);
  process.exitCode = 2;
}
