/** What the page says when something goes wrong: lost workers, failed runs, broken files, wrong settings. */
import assert from 'node:assert/strict';
import zlib from 'node:zlib';
import { encode } from 'fast-png';
import { errorsOf, file, idx, inPhase, percentOf, ready, testDigits, train, value } from './hands.mjs';

export const faults = {
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
};
