/**
 * npm run test:page: the page that `lanewise serve` serves, as a person uses it, in Chromium and Firefox.
 *
 *     npm --prefix test/page ci                       once
 *     node test/page/run.mjs                          all browsers that are installed
 *     node test/page/run.mjs --browser Firefox --only race
 */

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checks } from './checks.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const playwright = await import('playwright').catch(() => null);

const inPath = (...names) =>
  names
    .flatMap((name) => process.env.PATH.split(path.delimiter).map((folder) => path.join(folder, name)))
    .find((file) => fs.existsSync(file)) ?? null;
const BROWSERS = [
  {
    name: 'Chromium',
    find: () => inPath('chromium', 'google-chrome'),
    launch: (executablePath) =>
      playwright.chromium.launch({
        executablePath,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      }),
  },
  {
    name: 'Firefox',
    find: () => inPath('firefox-esr', 'firefox'),
    launch: (executablePath) => playwright.firefox.launch({ channel: 'moz-firefox', executablePath }),
  },
];

const { values: options } = parseArgs({ options: { browser: { type: 'string' }, only: { type: 'string' } } });
const counts = { passed: 0, failed: 0, skipped: [] };

/** Starts `lanewise serve` and waits until it listens. */
function startServer() {
  const child = spawn(process.execPath, [path.join(root, 'dist/cli.js'), 'serve', '--port', '0', '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`lanewise serve ended with code ${code}`)));
    child.stdout.once('data', (line) => {
      const { event, url } = JSON.parse(String(line));
      if (event === 'listening') resolve({ url, close: () => child.kill('SIGTERM') });
      else reject(new Error(`lanewise serve began with ${line}`));
    });
  });
}

/** Runs a check in fresh contexts; what the console complains about fails it. */
async function attempt(browser, check, about) {
  const contexts = [];
  /** A fresh page; `expected` are complaints that are none. */
  const open = async (address = '', { expected = /^$/, ...settings } = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...settings });
    const page = await context.newPage();
    const complaints = [];
    contexts.push({ context, complaints });
    page.on('console', (message) => {
      if (message.type() === 'error' && !expected.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => {
      if (!expected.test(error.message)) complaints.push(error.message);
    });
    page.setDefaultTimeout(120_000);
    if (address !== null) await page.goto(new URL(address, about.url).href);
    return page;
  };
  try {
    const told = await check({ ...about, open, root });
    const complaints = contexts.flatMap((one) => one.complaints);
    if (complaints.length > 0) throw new Error(`the console has ${complaints.join(' | ')}`);
    return told;
  } finally {
    for (const { context } of contexts) await context.close().catch(() => {});
  }
}

/**
 * On a machine at its limit, a worker of Firefox has been seen to stand still for good: that alone is tried again, and
 * told.
 */
const STALLED = /worker has not answered/;

async function testIn(browser, name, url, folder) {
  const about = { url, folder, browser: name };
  for (const [title, check] of Object.entries(checks)) {
    if (options.only !== undefined && !title.includes(options.only)) continue;
    const start = performance.now();
    try {
      const told = await attempt(browser, check, about).catch((error) => {
        if (!STALLED.test(error.message)) throw error;
        console.log(`${name}: ${title}: tried again after: ${error.message}`);
        return attempt(browser, check, about);
      });
      counts.passed++;
      console.log(
        `${name}: ${title}: ` +
          `passed${told === undefined ? '' : ` (${told})`}, ${((performance.now() - start) / 1000).toFixed(1)} s`,
      );
    } catch (error) {
      counts.failed++;
      console.log(`${name}: ${title}: FAILED: ${error.stack}`);
    }
  }
}

if (playwright === null) {
  console.log('playwright is not installed: npm --prefix test/page ci');
  counts.failed++;
} else {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-page-'));
  const server = await startServer();
  for (const { name, find, launch } of BROWSERS) {
    if (options.browser !== undefined && options.browser.toLowerCase() !== name.toLowerCase()) continue;
    const file = find();
    if (file === null) {
      counts.skipped.push(name);
      console.log(`${name}: skipped: not installed`);
      continue;
    }
    const browser = await launch(file);
    console.log(`${name} ${browser.version()}`);
    await testIn(browser, name, server.url, folder);
    await browser.close();
  }
  server.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
console.log(
  `${counts.passed} passed, ${counts.failed} failed` +
    (counts.skipped.length === 0 ? '' : `, ${counts.skipped.length} skipped (${counts.skipped.join(', ')})`),
);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
