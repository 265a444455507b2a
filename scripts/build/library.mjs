/** Bundles the library: ES modules, CommonJS, one script for pages, and the scripts of its workers. */
import fs from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { arrangeChunks, HOLD } from './chunks.mjs';
import { filesBelow, HEADING, shared } from './common.mjs';
import { recordBundle } from './licenses.mjs';
import { plainLoader } from './loader.mjs';

/**
 * Writes the script of the kernel threads: into the library, and into the file from which they can be started where
 * pages allow no worker from a Blob.
 */
export async function buildThreadScript() {
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
    `${HEADING}/** What every kernel thread runs: src/runtime/threadWorker.ts in one script. */\nexport ` +
      `const threadScript: string =\n  ${JSON.stringify(script.text)};\n`,
  );
  fs.mkdirSync('dist', { recursive: true });
  fs.writeFileSync('dist/thread.js', script.text);
}

/** A plugin that puts other code in the place of a module. */
const instead = (name, filter, contents) => ({
  name,
  setup(build) {
    build.onResolve({ filter }, ({ path: request }) => ({ path: request, namespace: name }));
    build.onLoad({ filter: /.*/, namespace: name }, () => ({ contents }));
  },
});

const withoutRelaxed = instead('without-relaxed', /kernels\.relaxed\.generated\.js$/, "export const kernelsText = '';");
const withoutWide = instead(
  'without-wide',
  /\/wide\.js$/,
  "export const takeWide = (found) => found.variant === 'wide' ? found :" +
    "({ ...found, wideReason: 'this script carries no wide kernels' });",
);

/** Papa Parse names Node's streams for what is not used here. */
const withoutStreams = instead('without-streams', /^stream$/, 'export const Duplex = undefined;');

/**
 * Writes the script that `trainInWorker` starts where it is given no worker: one text without the kernels, which the
 * program passes on to it.
 */
export async function buildWorkerScript() {
  const built = await esbuild.build({
    ...shared,
    entryPoints: ['src/worker/script.ts'],
    format: 'iife',
    platform: 'neutral',
    minifyWhitespace: true,
    minifySyntax: true,
    write: false,
    plugins: [withoutRelaxed, withoutWide, plainLoader],
  });
  recordBundle('workerScript', built);
  const [script] = built.outputFiles;
  fs.writeFileSync(
    'src/worker/workerScript.generated.ts',
    `${HEADING}/** What lanewise's own worker runs: src/worker/script.ts in one script. */\nexport const ` +
      `workerScript: string =\n  ${JSON.stringify(script.text)};\n`,
  );
}

const withoutDecoders = instead(
  'without-decoders',
  /\/(jpeg-turbo|webp)\.generated\.js$/,
  "export const decoderText = '';",
);

/**
 * Writes the script of the workers that decode pictures, without the decoders, which the program passes on to them.
 */
export async function buildDecodeScript() {
  const built = await esbuild.build({
    ...shared,
    entryPoints: ['src/images/decodeWorker.ts'],
    format: 'iife',
    platform: 'neutral',
    minify: true,
    mainFields: ['module', 'main'],
    write: false,
    plugins: [withoutDecoders],
  });
  recordBundle('decodeScript', built);
  const [script] = built.outputFiles;
  fs.writeFileSync(
    'src/images/decodeScript.generated.ts',
    `${HEADING}/** What a worker runs that decodes pictures: src/images/decodeWorker.ts in one script. */\nexport ` +
      `const decodeScript: string =\n  ${JSON.stringify(script.text)};\n`,
  );
}

/** The public entry points: their names in dist/, and their sources. */
export const ENTRIES = [
  ['index', 'src/index.ts'],
  ...['slim', 'node', 'recipes', 'worker', 'formats', 'images', 'onnx', 'tables'].map((name) => [
    name,
    `src/${name}/index.ts`,
  ]),
  ['formats.node', 'src/formats/node/index.ts'],
  ['tables.node', 'src/tables/node/index.ts'],
];

/** The entry points that need less of the core, and the modules of it that bundlers cannot drop from them. */
const APART = /formats|onnx|tables|images/;
const STAYS = /^export .* from '\.\.\/(nn|optim|train)\/.*$/gm;

/**
 * A plugin that lets the other entry points hold all of the core, which arrangeChunks takes out again: esbuild cuts
 * chunks by which entry points need what, and modules of a kind, which compress well beside each other, would be far
 * apart in a program that bundles the core.
 */
const wholeCore = {
  name: 'whole-core',
  setup(build) {
    const core = 'src/slim/index.ts';
    const sources = new Map(ENTRIES.map(([, source]) => [path.resolve(source), source]));
    build.onResolve({ filter: /^(core|core-apart)$/ }, ({ path: request }) => ({ path: request, namespace: 'hold' }));
    build.onLoad({ filter: /.*/, namespace: 'hold' }, ({ path: request }) => {
      // Its exports without what it does at once.
      const exports = fs.readFileSync(core, 'utf8').replace(/^import '.*$/gm, '');
      const contents = request === 'core' ? exports : exports.replace(STAYS, '');
      return { contents, resolveDir: path.resolve(path.dirname(core)), loader: 'ts' };
    });
    build.onLoad({ filter: /[\\/]index\.ts$/ }, ({ path: file }) => {
      if (!sources.has(file)) return undefined;
      const held = APART.test(sources.get(file)) ? 'core-apart' : 'core';
      return { contents: `${fs.readFileSync(file, 'utf8')}\nexport * as ${HOLD} from '${held}';\n`, loader: 'ts' };
    });
  },
};

/**
 * The library as ES modules: `lanewise` (any runtime), `lanewise/slim` (without the kernels), `lanewise/node` (files),
 * `lanewise/recipes` (runs by settings), `lanewise/worker` (off the main thread), `lanewise/formats` (files of
 * others), `lanewise/images` (pictures), `lanewise/onnx` (models of others) and `lanewise/tables` (CSV), sharing their
 * chunks.
 */
const library = {
  ...shared,
  // Half of the time that an import takes is reading through the code. Names stay: errors and models print them.
  minifyWhitespace: true,
  minifySyntax: true,
  entryPoints: Object.fromEntries(ENTRIES),
  format: 'esm',
  platform: 'neutral',
  // Where packages that are bundled have their modules: `neutral` looks at "exports" alone.
  mainFields: ['module', 'main'],
  splitting: true,
  external: ['node:*'],
  plugins: [withoutStreams, plainLoader, wholeCore],
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
  // Errors and models print the names of their classes.
  keepNames: true,
  plugins: [withoutWide, plainLoader],
  outdir: 'dist',
};

/** Builds the library into dist/. */
export async function buildLibrary() {
  const [built, scriptBuilt] = await Promise.all([esbuild.build(library), esbuild.build(script)]);
  recordBundle('library', built);
  recordBundle('script', scriptBuilt);
  arrangeChunks(built.metafile);
  await buildCommonJs();
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
      minifyWhitespace: true,
      lineLimit: shared.lineLimit,
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
