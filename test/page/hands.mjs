/** What the checks do on a page, and what they read off it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

export const ready = (page) => page.waitForFunction(() => document.querySelector('#start')?.disabled === false);

/** Waits until a run is in this phase, or in one from which it will not get there. */
export async function inPhase(page, side, phase) {
  // A run that ended or failed stays so, unless it was reset: then the page shows its end until it is drawn anew.
  const last = phase === 'empty' ? [] : ['ended', 'failed'].filter((name) => name !== phase);
  const found = await page
    .waitForSelector([phase, ...last].map((name) => `.run[data-side="${side}"][data-phase="${name}"]`).join())
    .then(
      (card) => card.getAttribute('data-phase'),
      () => null,
    );
  if (found === phase) return;
  const [now, errors, engine, place] = [
    await page.getAttribute(`.run[data-side="${side}"]`, 'data-phase'),
    await errorsOf(page),
    await page.textContent('#engine'),
    await page.textContent(`.run[data-side="${side}"] .place`),
  ];
  assert.fail(`run ${side} is ${now}, not ${phase}; ${place}; ${engine}; ${errors.join(' | ')}`);
}

export const value = async (page, side, name) =>
  (await page.textContent(`.run[data-side="${side}"] [data-value="${name}"]`)).trim();
export const digestOf = (page, side) => page.textContent(`.run[data-side="${side}"] .digest`);
export const errorsOf = (page) => page.locator('#errors .notice p').allInnerTexts();
export const stepsOf = async (page, side) =>
  Number(/^step ([\d,]+)/.exec(await page.textContent(`.run[data-side="${side}"] .place`))?.[1].replace(',', '') ?? 0);
export const percentOf = (text) => Number(/([\d.]+) %/.exec(text)?.[1]);

/** The test accuracy once all test images were looked at. */
export async function wholeTest(page, side) {
  await page.waitForFunction(
    (which) =>
      /of 10,000/.test(document.querySelector(`.run[data-side="${which}"] [data-value="testAccuracy"]`).textContent),
    side,
  );
  return percentOf(await value(page, side, 'testAccuracy'));
}

export async function train(page, sides = ['a']) {
  await ready(page);
  await page.click('#start');
  for (const side of sides) await inPhase(page, side, 'ended');
}

/** What stands beside the bars: the probability of each class, as text. */
export const probabilities = (page) => page.locator('#probabilities .share').allInnerTexts();

export async function showTestDigit(page, index) {
  await page.fill('#pad-digit', String(index));
  await page.click('#pad-show');
  await page.waitForFunction(() => document.querySelector('#verdict').textContent.includes('sees'));
}

/** Draws with the mouse; the points are in shares of the pad. */
export async function draw(page, strokes) {
  await page.click('#pad-clear');
  await page.waitForFunction(() => !document.querySelector('#verdict').textContent.includes('sees'));
  await page.locator('#pad').scrollIntoViewIfNeeded();
  const box = await page.locator('#pad').boundingBox();
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  for (const [first, ...rest] of strokes) {
    await page.mouse.move(...at(first));
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...at(point), { steps: 4 });
    await page.mouse.up();
  }
}

export const ring = Array.from({ length: 25 }, (_, i) => [
  0.5 + 0.19 * Math.sin((i * Math.PI) / 12),
  0.5 - 0.3 * Math.cos((i * Math.PI) / 12),
]);
export const DRAWN = {
  0: [ring],
  1: [
    [
      [0.55, 0.18],
      [0.5, 0.5],
      [0.46, 0.82],
    ],
  ],
  3: [
    [
      [0.33, 0.26],
      [0.42, 0.2],
      [0.55, 0.2],
      [0.63, 0.28],
      [0.6, 0.4],
      [0.47, 0.48],
      [0.6, 0.53],
      [0.66, 0.66],
      [0.58, 0.78],
      [0.45, 0.82],
      [0.32, 0.76],
    ],
  ],
  7: [
    [
      [0.3, 0.24],
      [0.5, 0.23],
      [0.7, 0.24],
      [0.6, 0.45],
      [0.52, 0.63],
      [0.45, 0.82],
    ],
  ],
};

/**
 * The file that a click downloads: its name and bytes. Playwright cannot see downloads in the stock Firefox: there they
 * are taken from the link.
 */
export async function downloaded(page, browser, selector) {
  if (browser === 'Chromium') {
    const [download] = await Promise.all([page.waitForEvent('download', { timeout: 30_000 }), page.click(selector)]);
    return { name: download.suggestedFilename(), bytes: fs.readFileSync(await download.path()) };
  }
  await page.evaluate(() => {
    globalThis.givenAway = new Promise((resolve) => {
      HTMLAnchorElement.prototype.click = function click() {
        const { download } = this;
        const reader = new FileReader();
        reader.onload = () => resolve({ name: download, text: reader.result.split(',')[1] });
        reader.readAsDataURL(globalThis.lastBlob);
      };
    });
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
      globalThis.lastBlob = blob;
      return make.call(URL, blob);
    };
  });
  await page.click(selector);
  const { name, text } = await page.evaluate(() => globalThis.givenAway);
  return { name, bytes: Buffer.from(text, 'base64') };
}

export const file = (name, buffer, mimeType = 'application/octet-stream') => ({
  name,
  mimeType,
  buffer: Buffer.from(buffer),
});

export function idx(shape, data) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x0800 + shape.length, 0);
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([header, data]);
}

/** MNIST's test images, as `lanewise serve` hands them out. */
export async function testDigits(url) {
  const get = async (name) => Buffer.from(await (await fetch(new URL(`data/mnist/${name}`, url))).arrayBuffer());
  const [images, labels] = [
    (await get('t10k-images-idx3-ubyte')).subarray(16),
    (await get('t10k-labels-idx1-ubyte')).subarray(8),
  ];
  return { image: (i) => images.subarray(784 * i, 784 * (i + 1)), label: (i) => labels[i] };
}

/** The digest that the command line gets by the same settings. */
export function digestByCommandLine(root, folder, args) {
  const out = fs.mkdtempSync(path.join(folder, 'run-'));
  const output = execFileSync(
    process.execPath,
    [path.join(root, 'dist/cli.js'), 'train', ...args, '--json', '--out', path.join(out, 'run')],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .at(-1).digest;
}

export async function noSidewaysScroll(page) {
  const { content, window } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    window: innerWidth,
  }));
  assert.ok(content <= window, `the page is ${content} pixels wide in a window of ${window}`);
}

export async function accessible(page) {
  await page.evaluate(fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const violations = await page.evaluate(async () =>
    (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}: ${nodes
          .map(({ target, failureSummary }) => `${target} ${failureSummary}`)
          .slice(0, 3)
          .join('; ')}`,
    ),
  );
  assert.deepEqual(violations, []);
}

export const ONE_RUN = '?race=off&steps=200';
