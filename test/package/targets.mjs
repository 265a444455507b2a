/**
 * The scratch projects: how each gets at the library. `make` writes the files of one into its folder (below a
 * node_modules that has nothing but the tarball's lanewise) and, for pages, returns where the page is.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const fixture = fs.readFileSync(path.join(import.meta.dirname, 'fixtures/train.mjs'), 'utf8');
/** A package of test/package/node_modules; throws ERR_MODULE_NOT_FOUND where it is not installed. */
const tool = (name) => import(name);

function write(folder, files) {
  fs.writeFileSync(path.join(folder, 'train.mjs'), fixture);
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
}

// ---- Programs ----

const program = (name, file, text, rest = {}) => ({
  name,
  kind: 'runtime',
  folder: name.toLowerCase().replaceAll(/\W+/g, '-'),
  file,
  make: ({ folder }) => write(folder, { [file]: text }),
  ...rest,
});

const printed = 'train(lanewise, options).then((answer) => console.log(JSON.stringify(answer)))';
const slim = (options) =>
  `import { train } from './train.mjs';\nimport * as lanewise from 'lanewise/slim';\nimport fs from 'node:fs';\n` +
  `const file = new URL('../node_modules/lanewise/dist/kernels.wasm', import.meta.url);\nconst ` +
  `options = ${options};\n${printed};\n`;

/**
 * One program that gets the library in both ways: what either exports is the same, and a model of one trains on tensors
 * of the other.
 */
const both = `import { createRequire } from 'node:module';
import { train } from './train.mjs';
const require = createRequire(import.meta.url);
const entries = ['slim', 'node', 'recipes', 'worker', 'formats', 'images', 'onnx', 'tables'].map(
  (entry) => 'lanewise/' + entry,
);
for (const name of ['lanewise', ...entries]) {
  const [imported, required] = [await import(name), require(name)];
  const names = Object.keys(required).filter((key) => imported[key] !== required[key]);
  if (names.length > 0 || Object.keys(required).length === 0) throw new Error(name + ' is there twice: ' + names);
}
const lanewise = { ...(await import('lanewise')), nn: require('lanewise').nn, randn: require('lanewise/slim').randn };
const options = {};
`;

/**
 * A program that has a copy of the library, and uses a package that has another: each refuses the tensors of the other.
 */
const twice = `import { train } from './train.mjs';
import * as lanewise from 'lanewise';
import * as other from 'nested';
const options = {};
await lanewise.init({ threads: 2, oversubscribe: true });
const mine = lanewise.ones([2, 2]).requireGrad();
const theirs = other.ones([2, 2]);
const { crossEntropy, matmul, nn, optim, relu, sum } = lanewise;
for (const operation of [
  () => matmul(theirs, mine), () => matmul(mine, theirs), () => mine.add(theirs), () => relu(theirs), () => sum(theirs),
  () => crossEntropy(mine, other.tensor(new Int32Array(2))), () => new nn.Linear(2, 2).forward(theirs),
  () => new optim.SGD([theirs], { lr: 1 }), () => mine.assign(theirs), () => mine.backward({ gradient: theirs }),
  () => { mine.grad = theirs; }, () => other.matmul(mine, theirs), () => theirs.mul(mine),
]) {
  let given = 'a result';
  try {
    operation();
  } catch (error) {
    given = error.code;
  }
  if (given !== 'LANEWISE_ARGUMENT') throw new Error(operation + ' gives ' + given);
}
`;

/** A package `nested` that has a library of its own, and hands it on. */
function makeNested({ folder, modules }) {
  const nested = path.join(folder, 'node_modules/nested');
  fs.cpSync(path.join(modules, 'lanewise'), path.join(nested, 'node_modules/lanewise'), { recursive: true });
  fs.writeFileSync(
    path.join(nested, 'package.json'),
    '{ "name": "nested", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
  );
  fs.writeFileSync(path.join(nested, 'index.js'), "export * from 'lanewise';\n");
}

const programs = [
  program(
    'import',
    'main.mjs',
    `import { train } from './train.mjs';\nimport * as lanewise from 'lanewise';\nconst options = {};\n${printed};\n`,
  ),
  program(
    'require',
    'main.cjs',
    `const lanewise = require('lanewise');\nconst options = {};\nimport('./train.mjs').then(({ ` +
      `train }) => ${printed});\n`,
  ),
  program('import and require in one program', 'main.mjs', `${both}${printed};\n`),
  program('two copies in one program, kept apart', 'main.mjs', '', {
    make: (context) => {
      makeNested(context);
      write(context.folder, { 'main.mjs': `${twice}${printed};\n` });
    },
  }),
  program('lanewise/slim with bytes', 'main.mjs', slim('{ wasm: fs.readFileSync(file) }'), { engines: /Node/ }),
  program('lanewise/slim with a URL', 'main.mjs', slim('{ wasm: file }'), { engines: /Node/ }),
  program('lanewise/slim with a Response', 'main.mjs', slim('{ wasm: new Response(fs.readFileSync(file)) }'), {
    engines: /Node/,
  }),
  program('lanewise/slim with a Module', 'main.mjs', slim('{ wasm: new WebAssembly.Module(fs.readFileSync(file)) }'), {
    engines: /Node/,
    threads: 1,
  }),
];

// ---- Pages ----

const page = (name, make, rest = {}) => {
  const folder = name.toLowerCase().replaceAll(/\W+/g, '-');
  return {
    name,
    kind: 'browser',
    folder,
    make: async (context) => (await make(context)) ?? { url: `${context.server.origin}/${folder}/index.html` },
    ...rest,
  };
};

/** Posts the answer to the test, from any origin. */
const posted = (origin) =>
  `.catch((error) => ({ error: String(error) })).then((answer) => fetch('${origin}/answer', { method: ` +
  `'POST', mode: 'no-cors', body: JSON.stringify(answer) }));\n`;
const html = (body) =>
  `<!doctype html><meta charset="utf-8"><title>lanewise</title><link rel="icon" href="data:,">${body}\n`;
const mainThread = (origin, from = 'lanewise', options = '{}') =>
  `import { train } from './train.mjs';\nimport * as lanewise ` +
  `from '${from}';\ntrain(lanewise, ${options})${posted(origin)}`;
const WORKER = (from = 'lanewise') =>
  `import { train } from './train.mjs';\nimport * as lanewise from '${from}';\ntrain(lanewise).catch((error) => ` +
  `({ error: String(error) })).then((answer) => postMessage(answer));\n`;
const startWorker = (origin) =>
  "const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });\n" +
  'new Promise((resolve, reject) => { worker.onmessage = ({ data }) => resolve(data); worker.onerror = ({ ' +
  `message }) => reject(new Error(message)); })${posted(origin)}`;
const LIBRARY = '../node_modules/lanewise/dist/index.js';

/** A page whose main.js is bundled to bundle.js. */
const bundled = (name, bundle, { worker = false, headers, threads, options } = {}) =>
  page(
    name,
    async ({ folder, server }) => {
      write(folder, {
        'index.html': html('<script type="module" src="bundle.js"></script>'),
        'main.js': worker ? startWorker(server.origin) : mainThread(server.origin, 'lanewise', options),
        'worker.js': WORKER(),
      });
      await bundle(folder);
    },
    { ...(headers === undefined ? {} : { headers }), ...(threads === undefined ? {} : { threads }) },
  );

const withEsbuild = (folder) =>
  esbuild.build({
    entryPoints: [path.join(folder, 'main.js')],
    bundle: true,
    format: 'esm',
    outfile: path.join(folder, 'bundle.js'),
    logLevel: 'silent',
  });

async function withRollup(folder) {
  const [{ rollup }, { nodeResolve }] = await Promise.all([tool('rollup'), tool('@rollup/plugin-node-resolve')]);
  const bundle = await rollup({
    input: path.join(folder, 'main.js'),
    plugins: [nodeResolve({ browser: true })],
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  await bundle.write({ dir: folder, entryFileNames: 'bundle.js', format: 'es' });
}

async function withWebpack(folder) {
  const { default: webpack } = await tool('webpack');
  await new Promise((resolve, reject) =>
    webpack(
      {
        mode: 'production',
        performance: { hints: false },
        entry: path.join(folder, 'main.js'),
        output: { path: folder, filename: 'bundle.js', publicPath: 'auto' },
      },
      (error, stats) => {
        if (error) reject(error);
        else if (stats.hasErrors() || stats.hasWarnings())
          reject(new Error(stats.toString({ all: false, errors: true, warnings: true })));
        else resolve();
      },
    ),
  );
}

const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

async function viteDev({ folder, server }, main) {
  const { createServer } = await tool('vite');
  write(folder, {
    'index.html': html('<script type="module" src="/main.js"></script>'),
    'main.js': main(server.origin),
    'worker.js': WORKER(),
  });
  const dev = await createServer({
    root: folder,
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, headers, fs: { strict: false } },
  });
  await dev.listen();
  return { url: `http://127.0.0.1:${dev.httpServer.address().port}/`, close: () => dev.close() };
}

async function viteBuild({ folder, server }, main) {
  const { build } = await tool('vite');
  write(folder, {
    'index.html': html('<script type="module" src="/main.js"></script>'),
    'main.js': main(server.origin),
    'worker.js': WORKER(),
  });
  await build({
    root: folder,
    base: './',
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir: 'dist' },
  });
  return { url: `${server.origin}/${path.basename(folder)}/dist/index.html` };
}

const policy = (workers) => ({ 'content-security-policy': `script-src 'self' 'wasm-unsafe-eval'${workers}` });

const pages = [
  page('Vite, dev server', (context) => viteDev(context, mainThread)),
  page('Vite, dev server, in a worker', (context) => viteDev(context, startWorker)),
  page('Vite, build', (context) => viteBuild(context, mainThread)),
  page('Vite, build, in a worker', (context) => viteBuild(context, startWorker)),
  bundled('webpack 5', withWebpack),
  bundled('webpack 5, in a worker', withWebpack, { worker: true }),
  bundled('esbuild', withEsbuild),
  bundled('Rollup', withRollup),
  page(
    '`<script>` from file://',
    ({ folder, server }) => {
      const library = path.relative(folder, path.join(folder, '../node_modules/lanewise/dist/lanewise.iife.js'));
      write(folder, {
        'index.html': html(
          `<script src="${library}"></script>\n` +
            `<script>${fixture.replace('export ', '')}\ntrain(lanewise)${posted(server.origin)}</script>`,
        ),
      });
      return { url: pathToFileURL(path.join(folder, 'index.html')).href };
    },
    { threads: 1, env: { JSC_useSharedArrayBuffer: '0' } },
  ),
  page('import map', ({ folder, server }) =>
    write(folder, {
      'index.html': html(
        `<script type="importmap">{ "imports": { "lanewise": "${LIBRARY}" } }</script>\n<script ` +
          'type="module" src="main.js"></script>',
      ),
      'main.js': mainThread(server.origin),
    }),
  ),
  page('import from another origin', ({ folder, server, elsewhere }) =>
    write(folder, {
      'index.html': html('<script type="module" src="main.js"></script>'),
      'main.js': mainThread(server.origin, `${elsewhere.origin}/node_modules/lanewise/dist/index.js`),
    }),
  ),
  page('module worker', ({ folder, server }) =>
    write(folder, {
      'index.html': html('<script type="module" src="main.js"></script>'),
      'main.js': startWorker(server.origin),
      'worker.js': WORKER(LIBRARY),
    }),
  ),
  bundled('CSP with worker-src blob:', withEsbuild, { headers: policy('; worker-src blob:') }),
  bundled('CSP without worker-src', withEsbuild, { headers: policy(''), threads: 1 }),
  bundled('CSP without worker-src, with thread.js', withEsbuild, {
    headers: policy(''),
    options: "{ threadScript: '../node_modules/lanewise/dist/thread.js' }",
  }),
  bundled('CSP without worker-src, with a thread.js that is not there', withEsbuild, {
    headers: policy(''),
    options: "{ threadScript: 'nowhere.js' }",
    threads: 1,
  }),
  page('lanewise/slim with fetch', ({ folder, server }) =>
    write(folder, {
      'index.html': html('<script type="module" src="main.js"></script>'),
      'main.js':
        `import { train } from './train.mjs';\nimport * as lanewise from ` +
        `'../node_modules/lanewise/dist/slim.js';\ntrain(lanewise, { wasm: ` +
        `fetch('../node_modules/lanewise/dist/kernels.wasm') })${posted(server.origin)}`,
    }),
  ),
];

export const targets = [...programs, ...pages];
