/** What the page has to do: each check works a fresh page as a person would, and throws where it does not do it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import zlib from 'node:zlib';
import { encode } from 'fast-png';

const require = createRequire(import.meta.url);

// ---- Hands and eyes ----

const ready = (page) => page.waitForFunction(() => document.querySelector('#start')?.disabled === false);

/** Waits until a run is in this phase, or in one from which it will not get there. */
async function inPhase(page, side, phase) {
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

const value = async (page, side, name) =>
  (await page.textContent(`.run[data-side="${side}"] [data-value="${name}"]`)).trim();
const digestOf = (page, side) => page.textContent(`.run[data-side="${side}"] .digest`);
const errorsOf = (page) => page.locator('#errors .notice p').allInnerTexts();
const stepsOf = async (page, side) =>
  Number(/^step ([\d,]+)/.exec(await page.textContent(`.run[data-side="${side}"] .place`))?.[1].replace(',', '') ?? 0);
const percentOf = (text) => Number(/([\d.]+) %/.exec(text)?.[1]);

/** The test accuracy once all test images were looked at. */
async function wholeTest(page, side) {
  await page.waitForFunction(
    (which) =>
      /of 10,000/.test(document.querySelector(`.run[data-side="${which}"] [data-value="testAccuracy"]`).textContent),
    side,
  );
  return percentOf(await value(page, side, 'testAccuracy'));
}

async function train(page, sides = ['a']) {
  await ready(page);
  await page.click('#start');
  for (const side of sides) await inPhase(page, side, 'ended');
}

/** What stands beside the bars: the probability of each class, as text. */
const probabilities = (page) => page.locator('#probabilities .share').allInnerTexts();

async function showTestDigit(page, index) {
  await page.fill('#pad-digit', String(index));
  await page.click('#pad-show');
  await page.waitForFunction(() => document.querySelector('#verdict').textContent.includes('sees'));
}

/** Draws with the mouse; the points are in shares of the pad. */
async function draw(page, strokes) {
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

const ring = Array.from({ length: 25 }, (_, i) => [
  0.5 + 0.19 * Math.sin((i * Math.PI) / 12),
  0.5 - 0.3 * Math.cos((i * Math.PI) / 12),
]);
const DRAWN = {
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
async function downloaded(page, browser, selector) {
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

const file = (name, buffer, mimeType = 'application/octet-stream') => ({ name, mimeType, buffer: Buffer.from(buffer) });

function idx(shape, data) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x0800 + shape.length, 0);
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([header, data]);
}

/** MNIST's test images, as `lanewise serve` hands them out. */
async function testDigits(url) {
  const get = async (name) => Buffer.from(await (await fetch(new URL(`data/mnist/${name}`, url))).arrayBuffer());
  const [images, labels] = [
    (await get('t10k-images-idx3-ubyte')).subarray(16),
    (await get('t10k-labels-idx1-ubyte')).subarray(8),
  ];
  return { image: (i) => images.subarray(784 * i, 784 * (i + 1)), label: (i) => labels[i] };
}

/** The digest that the command line gets by the same settings. */
function digestByCommandLine(root, folder, args) {
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

async function noSidewaysScroll(page) {
  const { content, window } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    window: innerWidth,
  }));
  assert.ok(content <= window, `the page is ${content} pixels wide in a window of ${window}`);
}

async function accessible(page) {
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

const ONE_RUN = '?race=off&steps=200';

export const checks = {
  'loads, and says what it runs on': async ({ open }) => {
    const page = await open();
    await ready(page);
    await page.waitForSelector('#engine:not(:has-text("Looking"))');
    assert.match(await page.textContent('#engine'), /^WebAssembly SIMD, (\d+ threads|one thread)/);
    assert.match(await page.textContent('#data-line'), /^MNIST: [\d,]+ training and [\d,]+ test images of 28×28/);
    const { shown, usable } = await page.evaluate(() => ({
      shown: performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
      usable: performance.now(),
    }));
    return `shown after ${shown.toFixed(0)} ms, digits there by ${usable.toFixed(0)} ms`;
  },

  'trains with the settings below "More settings", to the bits of the command line': async ({ open, root, folder }) => {
    const given = { shift: 2, testLimit: 500, scheduler: 'step', stepSize: 1, momentum: 0.9, steps: 60, epochs: 3 };
    const query = new URLSearchParams({ race: 'off', normalize: 'on', nesterov: 'on', ...given });
    const page = await open(`?${query}`);
    await ready(page);
    assert.equal(await page.isVisible('#a-shift'), true);
    assert.deepEqual(
      await page.evaluate(() =>
        [...document.querySelectorAll('.settings .side-a :disabled')].map(({ id }) => id.replace('a-', '')),
      ),
      ['patience'],
    );
    await train(page);
    await page.waitForFunction(() => /of 500/.test(document.querySelector('[data-value="testAccuracy"]').textContent));
    const flags = Object.entries(given).flatMap(([name, value]) => [
      `--${name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`,
      String(value),
    ]);
    const settings = ['--hidden', '128,64', '--lr', '0.1', '--normalize', '--nesterov', ...flags];
    assert.equal(await digestOf(page, 'a'), digestByCommandLine(root, folder, settings));
    // The pad's pictures are standardised as well: what the network says of a digit is what it said in the test.
    await showTestDigit(page, 3);
    assert.match(await page.textContent('#verdict'), /^A sees 0/);
  },

  'trains 200 steps to more than 80 % of the test digits, to the bits of the command line': async ({
    open,
    root,
    folder,
  }) => {
    const page = await open(ONE_RUN);
    await train(page);
    const accuracy = await wholeTest(page, 'a');
    assert.ok(accuracy > 80, `${accuracy} %`);
    assert.equal(await stepsOf(page, 'a'), 200);
    const digest = digestByCommandLine(root, folder, [
      '--model',
      'mlp-bn',
      '--hidden',
      '128,64',
      '--lr',
      '0.1',
      '--steps',
      '200',
      '--epochs',
      '3',
    ]);
    assert.equal(await digestOf(page, 'a'), digest);
    return `${accuracy} %`;
  },

  'shows what the network learned': async ({ open }) => {
    const page = await open('?race=off&steps=100&model=cnn&lr=0.5');
    await train(page);
    const accuracy = await wholeTest(page, 'a');
    assert.equal(await page.locator('#filters canvas').count(), 1);
    assert.match(await page.textContent('#filters figcaption'), /4 3×3 kernels/);
    assert.deepEqual(await page.locator('#maps figcaption').allInnerTexts(), [
      '1. Conv2d: 4 maps of 28×28',
      '2. Conv2d: 4 maps of 14×14',
    ]);
    assert.equal(await page.locator('#histograms figure').count(), 2);
    const spreads = await page.locator('#histograms .after').allInnerTexts();
    assert.ok(
      spreads.every((text) => /^after: mean -?[\d.e-]+, deviation [\d.]+$/.test(text)),
      spreads.join(),
    );
    await page.waitForSelector('#confusion table');
    const cells = (await page.locator('#confusion tbody td').allTextContents()).map(Number);
    assert.equal(cells.length, 100);
    assert.equal(
      cells.reduce((sum, count) => sum + count),
      10_000,
    );
    const right = cells.filter((_, i) => i % 11 === 0).reduce((sum, count) => sum + count);
    assert.equal((right / 100).toFixed(2), accuracy.toFixed(2));
    const before = await page
      .locator('#maps canvas')
      .first()
      .evaluate((canvas) => canvas.toDataURL());
    await page.click('#map-next');
    await page.waitForFunction((old) => document.querySelector('#maps canvas').toDataURL() !== old, before);
    // One of the most wrong images, on the pad: the network takes it for what stands there.
    const told = await page.locator('#worst button').first().innerText();
    await page.locator('#worst button').first().click();
    await page.waitForFunction(() => document.querySelector('#verdict').textContent.includes('sees'));
    assert.equal(/A sees (\d)/.exec(await page.textContent('#verdict'))[1], /→ (\d)/.exec(told)[1]);
  },

  'races two settings, and knows drawn digits': async ({ open }) => {
    const page = await open('?epochs=2&b.epochs=2');
    await train(page, ['a', 'b']);
    const accuracies = [await wholeTest(page, 'a'), (await page.click('#look-b'), await wholeTest(page, 'b'))];
    assert.ok(
      accuracies.every((accuracy) => accuracy > 90),
      accuracies.join(),
    );
    assert.notEqual(await digestOf(page, 'a'), await digestOf(page, 'b'));
    await page.waitForFunction(() =>
      document.querySelector('#histograms .before')?.textContent.startsWith('no BatchNorm'),
    );
    assert.match(
      await page.getAttribute('#loss-chart .plot', 'aria-label'),
      /A after 1200 steps: train [\d.]+, test [\d.]+; B after 1200 steps: train [\d.]+, test [\d.]+$/,
    );
    for (const [digit, strokes] of Object.entries(DRAWN)) {
      await draw(page, strokes);
      await page
        .waitForFunction(
          (wanted) => document.querySelector('#verdict').textContent.startsWith(`A sees ${wanted} `),
          digit,
          { timeout: 20_000 },
        )
        .catch(async () => assert.fail(`a drawn ${digit}: ${await page.textContent('#verdict')}`));
    }
    return `${accuracies.join(' % and ')} %`;
  },

  'pauses, steps and goes on, by keyboard, to the same bits': async ({ open }) => {
    const page = await open('?race=off&steps=900&model=cnn');
    await ready(page);
    await page.focus('#start');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => /^step/.test(document.querySelector('.place').textContent));
    await page.focus('#pause');
    await page.keyboard.press('Space');
    await inPhase(page, 'a', 'paused');
    const at = await stepsOf(page, 'a');
    assert.ok(at > 0 && at < 900, `${at} steps`);
    await page.click('#step');
    await page.waitForFunction(
      (step) => document.querySelector('.place').textContent.startsWith(`step ${step} `),
      at + 1,
    );
    await page.click('#pause');
    await inPhase(page, 'a', 'ended');
    const interrupted = await digestOf(page, 'a');
    await page.click('#reset');
    await inPhase(page, 'a', 'empty');
    await page.click('#start');
    await inPhase(page, 'a', 'ended');
    assert.equal(await digestOf(page, 'a'), interrupted);
    return `paused after ${at} steps`;
  },

  'saves and loads weights: the same predictions': async ({ open, browser }) => {
    const page = await open(ONE_RUN);
    await train(page);
    const accuracy = await wholeTest(page, 'a');
    await showTestDigit(page, 8);
    const before = await probabilities(page);
    const { name, bytes } = await downloaded(page, browser, 'text=Save weights');
    assert.equal(name, 'mlp-bn-a.safetensors');
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
    assert.deepEqual(header['1.weight'].shape, [128, 784]);
    assert.ok('2.running_mean' in header && '2.num_batches_tracked' in header, Object.keys(header).join());
    const fresh = await open(ONE_RUN);
    await ready(fresh);
    await fresh.setInputFiles('[data-load="a"]', file(name, bytes));
    await fresh.waitForFunction(() => document.querySelector('#news').textContent.includes('has the weights'));
    assert.equal(await wholeTest(fresh, 'a'), accuracy);
    await showTestDigit(fresh, 8);
    assert.deepEqual(await probabilities(fresh), before);
  },

  'gives metrics and a picture of the curves away': async ({ open, browser }) => {
    const page = await open('?steps=40&b.steps=40&limit=6000&b.limit=6000');
    await train(page, ['a', 'b']);
    const csv = String((await downloaded(page, browser, '#save-csv')).bytes)
      .trim()
      .split('\n');
    assert.equal(csv[0], 'run,step,kind,loss,accuracy,images');
    assert.equal(csv.filter((line) => /^[AB],\d+,train,/.test(line)).length, 80);
    const runs = JSON.parse((await downloaded(page, browser, '#save-json')).bytes);
    assert.deepEqual(
      runs.map(({ run, settings, train: { loss } }) => [run, settings.model, loss.length]),
      [
        ['A', 'mlp-bn', 40],
        ['B', 'mlp', 40],
      ],
    );
    assert.equal(String(runs[0].train.loss[39]), csv.find((line) => line.startsWith('A,40,train')).split(',')[3]);
    const png = (await downloaded(page, browser, '#save-png')).bytes;
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.ok(
      png.readUInt32BE(16) > 400 && png.readUInt32BE(20) > 500,
      `${png.readUInt32BE(16)}×${png.readUInt32BE(20)}`,
    );
  },

  'says when the worker is gone, and begins anew': async ({ open }) => {
    const page = await open(null);
    await page.addInitScript(() => {
      const workers = [];
      globalThis.startedWorkers = workers;
      globalThis.Worker = class extends Worker {
        constructor(address, options) {
          super(address, options);
          workers.push({ worker: this, name: options?.name });
        }
      };
    });
    await page.goto((await open()).url().replace(/\/$/, '/?race=off&model=cnn&epochs=100'));
    await ready(page);
    await page.click('#start');
    await page.waitForFunction(() => /^step/.test(document.querySelector('.place').textContent));
    await page.evaluate(() => globalThis.startedWorkers.find(({ name }) => name === 'run A').worker.terminate());
    await page.waitForSelector('#errors .notice');
    assert.match((await errorsOf(page)).join(), /Run A.* has not answered for \d+ seconds/);
    await page.click('#reset');
    await page.fill('#a-epochs', '1');
    await page.click('#more > summary');
    await page.fill('#a-steps', '20');
    await page.click('#start');
    await inPhase(page, 'a', 'ended');
    assert.deepEqual(await errorsOf(page), []);
  },

  'says when a training fails': async ({ open }) => {
    const page = await open('?race=off&lr=1000000&batchNorm=off');
    await ready(page);
    await page.click('#start');
    await inPhase(page, 'a', 'failed');
    assert.match(
      (await errorsOf(page)).join(),
      /Run A stopped after step \d+: .*(NaN|Infinity|infinite)[\s\S]*learning rate/,
    );
  },

  'says what is wrong with a broken file': async ({ open, url }) => {
    const page = await open('?race=off&steps=20');
    await ready(page);
    const { image } = await testDigits(url);
    const refused = async (selector, files, message) => {
      await page.evaluate(() => document.querySelectorAll('#errors .close').forEach((button) => button.click()));
      await page.setInputFiles(selector, files);
      await page.waitForSelector('#errors .notice');
      assert.match((await errorsOf(page)).join(), message);
    };
    await refused(
      '[data-load="a"]',
      file('broken.safetensors', Buffer.alloc(100, 7)),
      /^broken\.safetensors is not loaded into run A: /,
    );
    await refused(
      '#files',
      [
        file('train-images-idx3-ubyte', idx([10, 28, 28], Buffer.alloc(100))),
        file('train-labels-idx1-ubyte', idx([10], Buffer.alloc(10))),
      ],
      /^train-images-idx3-ubyte at byte \d+: .*the file is truncated|truncated/s,
    );
    await refused(
      '#files',
      file('labels.gz', zlib.gzipSync(idx([10], Buffer.alloc(10))).subarray(0, 20)),
      /^labels\.gz/,
    );
    await refused('#files', file('images', idx([1, 28, 28], image(0))), /no file with as many labels/);
    await refused(
      '#files',
      file('7.png', Buffer.from('not a picture'), 'image/png'),
      /^7\.png: this browser cannot read it/,
    );
    const huge = Buffer.from(encode({ width: 1, height: 1, channels: 1, data: new Uint8Array(1) }));
    huge.writeUInt32BE(60_000, 16);
    huge.writeUInt32BE(60_000, 20);
    await refused(
      '#files',
      file('8.png', huge, 'image/png'),
      /^8\.png: a picture of 60000×60000 is not read \(at most 16777216/,
    );
    // All is as before.
    await page.evaluate(() => document.querySelectorAll('#errors .close').forEach((button) => button.click()));
    await page.click('#reset');
    await train(page);
    assert.deepEqual(await errorsOf(page), []);
  },

  "takes one's own digits: IDX files, pictures, one picture": async ({ open, url }) => {
    const page = await open('?race=off&steps=200&batchSize=50');
    await ready(page);
    const { image, label } = await testDigits(url);
    const set = (from, count) => ({
      images: idx([count, 28, 28], Buffer.concat(Array.from({ length: count }, (_, i) => image(from + i)))),
      labels: idx([count], Buffer.from(Array.from({ length: count }, (_, i) => label(from + i)))),
    });
    const [some, others] = [set(0, 2000), set(5000, 500)];
    await page.setInputFiles('#files', [
      file('my-images.gz', zlib.gzipSync(some.images)),
      file('my-labels', some.labels),
      file('my-test-images', others.images),
      file('my-test-labels.gz', zlib.gzipSync(others.labels)),
    ]);
    await page.waitForSelector('#data-line:has-text("your files: 2,000 training and 500 test images")');
    await train(page);
    await page.waitForFunction(() => /of 500/.test(document.querySelector('[data-value="testAccuracy"]').textContent));
    const accuracy = percentOf(await value(page, 'a', 'testAccuracy'));
    assert.ok(accuracy > 70, `${accuracy} %`);
    const seven = Array.from({ length: 100 }, (_, i) => i).find((i) => label(i) === 7);
    await page.setInputFiles(
      '#files',
      file(
        'a picture.png',
        encode({ width: 28, height: 28, channels: 1, data: new Uint8Array(image(seven)) }),
        'image/png',
      ),
    );
    await page.waitForFunction(() => document.querySelector('#verdict').textContent.startsWith('A sees 7'));
    const pictures = Array.from({ length: 30 }, (_, i) =>
      file(
        `${label(i)}-${i}.png`,
        encode({ width: 28, height: 28, channels: 1, data: new Uint8Array(image(i)) }),
        'image/png',
      ),
    );
    await page.setInputFiles('#files', pictures);
    await page.waitForSelector('#data-line:has-text("30 pictures: 25 training and 5 test images")');
    return `${accuracy} %`;
  },

  'keeps the settings in its address, and refuses wrong ones at their field': async ({ open }) => {
    const page = await open();
    await ready(page);
    await page.selectOption('#b-model', 'cnn');
    await page.selectOption('#a-optimizer', 'adam');
    assert.equal(await page.inputValue('#a-lr'), '0.001');
    assert.equal(await page.inputValue('#b-width'), '4');
    await page.fill('#a-batchSize', '64');
    await page.press('#a-batchSize', 'Tab');
    assert.equal(new URL(page.url()).search, '?optimizer=adam&lr=0.001&batchSize=64&b.model=cnn&b.width=4');
    await page.reload();
    await ready(page);
    assert.deepEqual(
      [await page.inputValue('#a-optimizer'), await page.inputValue('#a-batchSize'), await page.inputValue('#b-model')],
      ['adam', '64', 'cnn'],
    );
    await page.fill('#a-lr', 'fast');
    await page.click('#start');
    await page.waitForSelector('#errors .notice');
    assert.match((await errorsOf(page)).join(), /^Learning rate: "fast" is not allowed: it must be a number/);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'a-lr');
  },

  'fits a phone, and takes a finger': async ({ open, browser }) => {
    const touch = browser === 'Chromium';
    const page = await open(ONE_RUN, { viewport: { width: 390, height: 844 }, ...(touch && { hasTouch: true }) });
    await ready(page);
    await noSidewaysScroll(page);
    await train(page);
    await wholeTest(page, 'a');
    await noSidewaysScroll(page);
    if (touch) {
      await page.locator('#pad').scrollIntoViewIfNeeded();
      const box = await page.locator('#pad').boundingBox();
      const session = await page.context().newCDPSession(page);
      const points = DRAWN[1][0].map(([x, y]) => ({ x: box.x + x * box.width, y: box.y + y * box.height }));
      await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [points[0]] });
      for (const point of points.slice(1))
        await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [point] });
      await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
      await page.waitForFunction(() => document.querySelector('#verdict').textContent.startsWith('A sees'));
    }
    const bench = await open('bench/', { viewport: { width: 390, height: 844 } });
    await noSidewaysScroll(bench);
  },

  ...Object.fromEntries(
    ['light', 'dark'].map((colorScheme) => [
      `is accessible in ${colorScheme}`,
      async ({ open }) => {
        const page = await open('?steps=30&b.steps=30&limit=3000&b.limit=3000', { colorScheme });
        await train(page, ['a', 'b']);
        await page.waitForSelector('#worst button');
        await showTestDigit(page, 3);
        await page.fill('#a-lr', 'x');
        await page.click('#start');
        await page.waitForSelector('#errors .notice');
        await accessible(page);
        await accessible(await open('bench/', { colorScheme }));
      },
    ]),
  ),

  'says what it costs when threads are missing': async ({ open, url }) => {
    const page = await open(null);
    await page.route('**/*', async (route) => {
      const response = await route.fetch();
      const headers = Object.fromEntries(
        Object.entries(response.headers()).filter(([name]) => !name.startsWith('cross-origin')),
      );
      await route.fulfill({ response, headers });
    });
    await page.goto(new URL(ONE_RUN, url).href);
    await ready(page);
    await page.waitForSelector('#engine .lacking, #engine:has-text("one core")');
    assert.match(
      await page.textContent('#engine'),
      /no threads \(the page was served without COOP and COEP headers\): large networks take up to \d|one core/,
    );
    await train(page);
    const alone = await digestOf(page, 'a');
    const isolated = await open(ONE_RUN);
    await train(isolated);
    assert.equal(await digestOf(isolated, 'a'), alone);
  },

  'measures kernels on its page of benchmarks': async ({ open }) => {
    const page = await open('bench/?filter=^(sgemm/64x|relu/100x1024/forward|train/W2b)');
    await page.click('#run');
    await page.waitForFunction(() => /^(done|stopped)/.test(document.querySelector('#status').textContent));
    assert.deepEqual(await errorsOf(page), []);
    const rows = await page
      .locator('#rows tr')
      .evaluateAll((list) => list.map((row) => [...row.cells].map((cell) => cell.textContent)));
    assert.deepEqual(
      rows.map(([name]) => name),
      ['sgemm/64x64x64', 'relu/100x1024/forward', 'train/W2b'],
    );
    assert.match(rows[0][1], /^\d+\.\d GFLOP\/s$/);
    assert.match(rows[1][1], /^\d+\.\d GB\/s$/);
    assert.ok(
      rows.every((row) => /^\d+ %$/.test(row[2])),
      JSON.stringify(rows),
    );
    assert.deepEqual(
      rows.map((row) => row[6]),
      ['yes', 'yes', '–'],
    );
    await page.evaluate(() =>
      Object.defineProperty(navigator, 'clipboard', {
        value: {
          writeText: (text) => {
            globalThis.copiedText = text;
            return Promise.resolve();
          },
        },
      }),
    );
    await page.click('#copy-markdown');
    const markdown = await page.evaluate(() => globalThis.copiedText);
    assert.match(
      markdown,
      /Ceilings of one thread: multiply and add [\d.]+ GFLOP\/s[\s\S]*### sgemm[\s\S]*\| sgemm\/64x64x64 \| 1 \|/,
    );
    await page.click('#copy-json');
    const report = JSON.parse(await page.evaluate(() => globalThis.copiedText));
    assert.deepEqual(
      report.rows.map(({ name, threads }) => [name, threads]),
      [
        ['sgemm/64x64x64', 1],
        ['relu/100x1024/forward', 1],
        ['train/W2b', 1],
      ],
    );
    assert.deepEqual(report.notes, []);
    return rows.map(([name, speed, share]) => `${name} ${speed} ${share}`).join(', ');
  },
};
