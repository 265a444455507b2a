/**
 * Places besides plain programs and pages: other test runners, other runtimes, what is compiled into one file, paths
 * that are not plain. Each trains the two steps of fixtures/train.mjs; `check` returns the answer of the training.
 */
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { openPage, runProgram } from '../engines/engines.mjs';

const here = import.meta.dirname;
const fixture = fs.readFileSync(path.join(here, 'fixtures/train.mjs'), 'utf8');
/** The same as a script that other scripts are put behind. */
const fixtureScript = fixture.replace('export ', '');
const tools = createRequire(path.join(here, 'package.json'));
const run = promisify(execFile);

function write(folder, files) {
  for (const [name, text] of Object.entries({ 'train.mjs': fixture, ...files })) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
}

const program = () =>
  `import { train } from './train.mjs';\nimport * as lanewise from 'lanewise';\n` +
  `console.log(JSON.stringify(await train(lanewise)));\n`;

const bundle = (folder, entry, outfile, options = {}) =>
  esbuild.build({
    entryPoints: [path.join(folder, entry)],
    bundle: true,
    format: 'esm',
    outfile: path.join(folder, outfile),
    logLevel: 'silent',
    ...options,
  });

// ---- Test runners ----

/** Runs tests that leave their answer in a file. */
async function inTests(folder, command, args, env = {}) {
  const answer = path.join(folder, 'answer.json');
  try {
    await run(command, args, { cwd: folder, env: { ...process.env, CI: '1', ...env } });
  } catch (error) {
    throw new Error(`${error.stdout}${error.stderr}`.slice(0, 4000));
  }
  return fs.readFileSync(answer, 'utf8');
}

const REPORT = "require('node:fs').writeFileSync(ANSWER, JSON.stringify(await train(lanewise)));";
const answerFile = (folder) => `const ANSWER = ${JSON.stringify(path.join(folder, 'answer.json'))};\n`;

/** A test of Jest with its default settings: files are CommonJS. */
const jest = (environment, modules) => ({
  name: `Jest, ${environment}, ${modules}`,
  async check({ folder }) {
    const cli = path.join(path.dirname(tools.resolve('jest/package.json')), 'bin/jest.js');
    tools.resolve('jest-environment-jsdom');
    const test = (load, report) =>
      `/** @jest-environment ${environment === 'jsdom' ? tools.resolve('jest-environment-jsdom') : environment} */\n` +
      `${load}${answerFile(folder)}test('trains', async () => { ${report} });\n`;
    const cjs = modules === 'CommonJS';
    write(folder, {
      'package.json': JSON.stringify({
        private: true,
        type: cjs ? 'commonjs' : 'module',
        jest: cjs ? {} : { transform: {} },
      }),
      'train.test.js': cjs
        ? test(`const lanewise = require('lanewise');\n${fixtureScript}`, REPORT)
        : test(
            `import fs from 'node:fs';\nimport * as lanewise from 'lanewise';\nimport { train } from './train.mjs';\n`,
            REPORT.replace("require('node:fs')", 'fs'),
          ),
    });
    return inTests(folder, process.execPath, [...(cjs ? [] : ['--experimental-vm-modules']), cli, '--rootDir', folder]);
  },
});

const vitest = {
  name: 'Vitest',
  async check({ folder }) {
    const cli = path.join(path.dirname(tools.resolve('vitest/package.json')), 'vitest.mjs');
    write(folder, {
      'package.json': '{ "private": true, "type": "module" }',
      'vitest.config.js': 'export default { test: { globals: true } };\n',
      'train.test.js':
        `import fs from 'node:fs';\nimport * as lanewise from 'lanewise';\nimport { train } from './train.mjs';\n` +
        `${answerFile(folder)}test('trains', async () => { ${REPORT.replace("require('node:fs')", 'fs')} });\n`,
    });
    return inTests(folder, process.execPath, [cli, 'run', '--root', folder]);
  },
};

// ---- Paths and permissions ----

const oddPath = {
  name: 'a path with spaces, umlauts and signs',
  async check({ folder, modules }) {
    const odd = path.join(folder, 'Größe & [netze] #1 %20');
    fs.cpSync(path.join(modules, 'lanewise'), path.join(odd, 'node_modules/lanewise'), { recursive: true });
    const check =
      `import { createRequire } from 'node:module';\nimport { fileURLToPath } from 'node:url';\n` +
      `import { loadDataset, RunDirectory } from 'lanewise/node';\n` +
      `if (createRequire(import.meta.url)('lanewise').Tensor !== lanewise.Tensor) throw new Error('there twice');\n` +
      `const { train: digits } = await loadDataset('mnist-subset');\nif (digits.length !== 6000) throw new Error();\n` +
      `RunDirectory.create(fileURLToPath(new URL('./läufe/run 1', import.meta.url)), {}).close();\n`;
    write(odd, { 'main.mjs': program() + check });
    return runProgram([process.execPath, path.join(odd, 'main.mjs')], { cwd: odd });
  },
};

const permissions = (workers) => ({
  name: `Node's permission model, ${workers ? 'with' : 'without'} workers`,
  threads: workers ? 2 : 1,
  check({ folder, modules, node }) {
    write(folder, { 'main.mjs': program() });
    const allowed = [folder, modules].map((place) => `--allow-fs-read=${fs.realpathSync(place)}/*`);
    return runProgram(
      [node, '--permission', ...allowed, ...(workers ? ['--allow-worker'] : []), path.join(folder, 'main.mjs')],
      { cwd: folder },
    );
  },
});

// ---- Other runtimes ----

const bunCompiled = {
  name: '`bun build --compile`',
  async check({ folder, find }) {
    write(folder, { 'main.mjs': program() });
    const bun = find('Bun');
    const executable = path.join(folder, 'program');
    await runProgram([bun, 'build', '--compile', path.join(folder, 'main.mjs'), '--outfile', executable], {
      cwd: folder,
    });
    // It brings all that it needs.
    const alone = path.join(fs.mkdtempSync(path.join(folder, 'alone-')), 'program');
    fs.renameSync(executable, alone);
    return runProgram([alone], { cwd: path.dirname(alone) });
  },
};

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The runtime of Cloudflare's Workers: it compiles no WebAssembly, and gets the kernels as a module. */
const workerd = {
  name: 'workerd, `lanewise/slim` with a Module',
  threads: 1,
  async check({ folder, modules }) {
    const { default: binary } = tools('workerd');
    write(folder, {
      'main.js':
        `import { train } from './train.mjs';\nimport * as lanewise from 'lanewise/slim';\n` +
        `import wasm from './kernels.wasm';\nexport default { async fetch() {\n` +
        `return Response.json(await train(lanewise, { wasm }).catch((error) => ({ error: String(error) }))); } };\n`,
    });
    fs.copyFileSync(path.join(modules, 'lanewise/dist/kernels.wasm'), path.join(folder, 'kernels.wasm'));
    await bundle(folder, 'main.js', 'worker.js', { external: ['./kernels.wasm'], conditions: ['workerd', 'module'] });
    const port = await freePort();
    fs.writeFileSync(
      path.join(folder, 'config.capnp'),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js"), (name = "kernels.wasm", wasm = embed "kernels.wasm")],
  compatibilityDate = "2026-01-01");
`,
    );
    const child = spawn(binary, ['serve', 'config.capnp'], {
      cwd: folder,
      detached: true,
      stdio: 'pipe',
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        printed += text;
      });
    try {
      for (let tries = 0; tries < 200; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        if (child.exitCode !== null) break;
        const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
        if (response !== null) return await response.text();
      }
      throw new Error(`no answer\n${printed}`);
    } finally {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  },
};

// ---- Pages ----

const html = (body) =>
  `<!doctype html><meta charset="utf-8"><title>lanewise</title><link rel="icon" href="data:,">${body}\n`;
const posted = (origin) =>
  `.catch((error) => ({ error: String(error) })).then((answer) => fetch('${origin}/answer', ` +
  `{ method: 'POST', mode: 'no-cors', body: JSON.stringify(answer) }));\n`;

const electronLike = {
  name: 'a page on file:// with process and require (what a renderer of Electron looks like)',
  threads: 1,
  check({ folder, server, browser }) {
    const library = path.join('..', 'node_modules/lanewise/dist/lanewise.iife.js');
    const global =
      `window.process = { type: 'renderer', versions: { node: '24.0.0', electron: '40.0.0', v8: '14' }, env: {}, ` +
      `platform: 'linux', argv: [], arch: 'x64' };\nwindow.global = window;\n` +
      `window.require = (name) => { throw new Error('no module ' + name); };\nwindow.module = { exports: {} };\n`;
    write(folder, {
      'index.html': html(
        `<script>${global}</script>\n<script src="${library}"></script>\n` +
          `<script>${fixtureScript}\ntrain(lanewise)${posted(server.origin)}</script>`,
      ),
    });
    return browser('Chromium', pathToFileURL(path.join(folder, 'index.html')).href);
  },
};

/** An extension whose service worker trains, or the page that it opens off screen. */
const extension = (where) => ({
  name: `a browser extension (Manifest V3), ${where}`,
  // Extension pages may share memory.
  threads: where === 'service worker' ? 1 : 2,
  async check({ folder, server, browser }) {
    const train = (from) =>
      `import { train } from './train.mjs';\nimport * as lanewise from 'lanewise';\n` +
      `train(lanewise)${posted(server.origin)}${from}`;
    write(folder, {
      'main.js': train(''),
      'manifest.json': JSON.stringify({
        manifest_version: 3,
        name: 'lanewise',
        version: '1.0',
        background: { service_worker: 'background.js', type: 'module' },
        permissions: ['offscreen'],
        host_permissions: ['http://127.0.0.1/*'],
        content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" },
      }),
      'offscreen.html': html('<script type="module" src="bundle.js"></script>'),
      'background.js':
        where === 'service worker'
          ? "import './bundle.js';\n"
          : "chrome.offscreen.createDocument({ url: 'offscreen.html', " +
            "reasons: ['WORKERS'], justification: 'training' });\n",
    });
    await bundle(folder, 'main.js', 'bundle.js');
    return browser('Chromium', 'about:blank', [`--load-extension=${folder}`, `--disable-extensions-except=${folder}`]);
  },
});

/** The places, in the order of the table. */
export const places = [
  jest('node', 'CommonJS'),
  jest('node', 'ES modules'),
  jest('jsdom', 'CommonJS'),
  jest('jsdom', 'ES modules'),
  vitest,
  oddPath,
  permissions(true),
  permissions(false),
  bunCompiled,
  workerd,
  electronLike,
  extension('service worker'),
  extension('offscreen page'),
];

/**
 * What a place gets besides its folder: the engines, and a browser that opens a page and returns what it posts.
 *
 * @param found the engines, with the file of each
 */
export function helpers(found, server) {
  const find = (name) => {
    const engine = found.find((each) => each.name === name);
    if (engine?.file == null) throw Object.assign(new Error(`${name} is not installed`), { code: 'MODULE_NOT_FOUND' });
    return engine.file;
  };
  const browser = (name, url, flags = []) => {
    const file = find(name);
    const engine = found.find((each) => each.name === name);
    const command = (...args) => {
      const [program, ...rest] = engine.command(...args);
      return [program, ...flags, ...rest];
    };
    return openPage({ ...engine, command }, file, url, server.answer(), { seconds: 60 });
  };
  return { find, browser, node: find('Node 24') };
}
