/** The engines: where each is, and how a program or a page is started in it. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const modules = path.resolve(import.meta.dirname, 'node_modules');
const firstOf = (...files) => files.find((file) => fs.existsSync(file)) ?? null;
const inPath = (...names) =>
  firstOf(...names.flatMap((name) => process.env.PATH.split(path.delimiter).map((folder) => path.join(folder, name))));
const miniBrowser = () =>
  firstOf('/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser', '/usr/libexec/webkit2gtk-4.1/MiniBrowser');

/**
 * An engine that runs programs: `args` come before the file. `wide`: it takes the wide kernels. `places`, `threads`:
 * it runs with these alone. `seconds`: how long it may take.
 */
const runtime = (name, find, args = []) => ({ name, kind: 'runtime', find, args });
/** An engine that shows pages: `command` is the command line for an empty profile directory and an address. */
const browser = (name, find, command, env = {}) => ({ name, kind: 'browser', find, command, env });

const nodeOf = (major) => () =>
  process.versions.node.startsWith(`${major}.`)
    ? process.execPath
    : firstOf(path.join(modules, `node${major}/bin/node`));

/** Node on another processor, which qemu emulates: slow, and so on one thread alone. */
function emulatedArm64() {
  const node = path.join(import.meta.dirname, 'arm64/node_modules/node24/bin/node');
  const libraries = '/usr/aarch64-linux-gnu';
  const isHere = () => [node, `${libraries}/lib/libstdc++.so.6`].every((file) => fs.existsSync(file));
  const engine = runtime('Node 24 on ARM64', () => isHere() && inPath('qemu-aarch64'), ['-L', libraries, node]);
  return { ...engine, versionArgs: engine.args, places: ['main'], threads: [1], seconds: 1200 };
}

export const engines = [
  runtime('Node 20', nodeOf(20)),
  runtime('Node 22', nodeOf(22)),
  runtime('Node 24', nodeOf(24)),
  runtime('Node 26', nodeOf(26)),
  // With the wide kernels, and the flag of V8 that joins their vectors.
  { ...runtime('Node 24 wide', nodeOf(24), ['--experimental-wasm-revectorize']), wide: true },
  { ...runtime('Node 26 wide', nodeOf(26), ['--experimental-wasm-revectorize']), wide: true },
  emulatedArm64(),
  runtime('Deno', () => firstOf(path.join(modules, '@deno/linux-x64-glibc/deno')) ?? inPath('deno'), [
    'run',
    '--allow-all',
    '--no-config',
  ]),
  runtime('Bun', () => firstOf(path.join(modules, '@oven/bun-linux-x64/bin/bun')) ?? inPath('bun')),
  browser(
    'Chromium',
    () => inPath('chromium', 'google-chrome'),
    (file, profile, url) => [
      file,
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--user-data-dir=${profile}`,
      url,
    ],
  ),
  browser(
    'Firefox',
    () => inPath('firefox-esr', 'firefox'),
    (file, profile, url) => [file, '--headless', '--no-remote', '--profile', profile, url],
  ),
  browser(
    'WebKitGTK',
    () => inPath('xvfb-run') && miniBrowser(),
    (file, _profile, url) => ['xvfb-run', '-a', file, url],
    { JSC_useSharedArrayBuffer: '1', WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', LIBGL_ALWAYS_SOFTWARE: '1' },
  ),
];

/**
 * The engine's own word on its version (WebKit's browser has none but its driver has), or '' where it cannot be had.
 */
export function versionOf(engine, file) {
  const program = engine.name === 'WebKitGTK' ? 'WebKitWebDriver' : file;
  const { stdout } = spawnSync(program, [...(engine.versionArgs ?? []), '--version'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return /\d+\.\d+(\.\d+)*/.exec(stdout ?? '')?.[0] ?? '';
}

/** Ends a process and all that it started. */
function end(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Runs a program to its end and returns what it printed; throws when it fails or takes longer than `seconds`. */
export function runProgram(command, { cwd, seconds = 120, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let stdout = '';
    let stderr = '';
    let late = false;
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      late = true;
      end(child);
    }, 1000 * seconds);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(stdout);
      else
        reject(
          new Error(
            late ? `no answer within ${seconds} seconds` : `ended with code ${code}\n${stderr}${stdout}`.slice(0, 4000),
          ),
        );
    });
  });
}

/** Opens a page and returns what `answer` resolves to; throws when that takes longer than `seconds`. */
export async function openPage(engine, file, url, answer, { seconds = 120 } = {}) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-profile-'));
  const [program, ...args] = engine.command(file, profile, url);
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: profile, ...engine.env },
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr = (stderr + text).slice(-2000);
  });
  let timer;
  try {
    return await Promise.race([
      answer,
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${seconds} seconds\n${stderr}`)), 1000 * seconds);
      }),
      new Promise((_, reject) => {
        child
          .on('error', reject)
          .on('exit', (code) => reject(new Error(`the browser ended with code ${code}\n${stderr}`)));
      }),
    ]);
  } finally {
    clearTimeout(timer);
    const gone = new Promise((resolve) => {
      child.on('close', resolve);
    });
    end(child);
    if (child.exitCode === null && child.signalCode === null) await gone;
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** What lets pages share memory with workers. */
export const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/**
 * Serves the files below `root` on a free port of the loopback interface; pages post to /answer.
 *
 * @param headers of every file, by its path from the root
 * @returns the origin, `answer()` for the next post, and `close()`
 */
export async function serve(root, headers = () => ISOLATION) {
  const waiting = [];
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (request.method === 'POST' && pathname === '/answer') {
      let body = '';
      request.on('data', (text) => {
        body += text;
      });
      request.on('end', () => {
        response.writeHead(204).end();
        waiting.shift()?.(body);
      });
      return;
    }
    const file = path.join(root, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    if (!file.startsWith(root + path.sep) || !fs.existsSync(file) || fs.statSync(file).isDirectory()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
      'cache-control': 'no-store',
      ...headers(pathname),
    });
    fs.createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    answer: () =>
      new Promise((resolve) => {
        waiting.length = 0;
        waiting.push(resolve);
      }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
