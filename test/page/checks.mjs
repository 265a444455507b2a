/** What the page has to do: each check works a fresh page as a person would, and throws where it does not do it. */
import assert from 'node:assert/strict';
import { faults } from './faults.mjs';
import {
  accessible,
  DRAWN,
  digestByCommandLine,
  digestOf,
  downloaded,
  draw,
  errorsOf,
  file,
  inPhase,
  noSidewaysScroll,
  ONE_RUN,
  probabilities,
  ready,
  showTestDigit,
  stepsOf,
  train,
  wholeTest,
} from './hands.mjs';

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
      ['beta1', 'beta2', 'cycleMomentum', 'patience'],
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
    await wholeTest(page, 'a');
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
    // A test that began before the end may come first: the last one has the weights of step 100.
    await page.waitForFunction(() => {
      const cells = [...document.querySelectorAll('#confusion tbody td')].map((cell) => Number(cell.textContent));
      const right = cells.filter((_, i) => i % 11 === 0).reduce((sum, count) => sum + count, 0);
      const shown = document.querySelector('.run[data-side="a"] [data-value="testAccuracy"]').textContent;
      return /of 10,000/.test(shown) && parseFloat(shown).toFixed(2) === (right / 100).toFixed(2);
    });
    const cells = (await page.locator('#confusion tbody td').allTextContents()).map(Number);
    assert.equal(cells.length, 100);
    assert.equal(
      cells.reduce((sum, count) => sum + count),
      10_000,
    );
    const before = await page
      .locator('#maps canvas')
      .first()
      .evaluate((canvas) => canvas.toDataURL());
    await page.click('#map-next');
    await page.waitForFunction((old) => document.querySelector('#maps canvas').toDataURL() !== old, before);
    // One of the most wrong images, on the pad: the network takes it for what stands there.
    const told = await page.evaluate(() => {
      const worst = document.querySelector('#worst button');
      const text = worst.innerText;
      worst.click();
      return /→ (\d)/.exec(text)[1];
    });
    await page.waitForFunction(
      (digit) => document.querySelector('#verdict').textContent.includes(`A sees ${digit}`),
      told,
    );
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
      /A after 1,200 steps: train [\d.]+, test [\d.]+; B after 1,200 steps: train [\d.]+, test [\d.]+$/,
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

  ...faults,

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

  'says that this device has the bits of others': async ({ open }) => {
    const page = await open('bench/');
    await page.click('#compare');
    await page.waitForFunction(() => document.querySelector('#status').textContent === 'compared');
    assert.deepEqual(await errorsOf(page), []);
    assert.match(await page.locator('#agreement').textContent(), /^yes, to the last bit/);
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
