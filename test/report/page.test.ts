/** report.html in a real browser: it asks for nothing, complains of nothing, and its figures can be seen and used. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeReport } from '../../src/report/index.js';
import { dark, light } from '../../src/report/page/theme.js';
import { Chromium, chromiumFile } from '../support/chromium.js';
import { writeStudy } from './study.js';

/** Of the machine, which may be busy. */
const PATIENCE = 240_000;

describe.skipIf(chromiumFile === undefined)('report.html in Chromium', { timeout: PATIENCE }, () => {
  let directory: string;
  let page: Chromium;

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-report-page-'));
    await writeReport(writeStudy(directory));
    page = await Chromium.start(chromiumFile!);
  }, PATIENCE);

  afterAll(async () => {
    await page?.close();
    fs.rmSync(directory, { recursive: true, force: true });
  }, PATIENCE);

  const show = async (width: number, scheme: 'light' | 'dark' = 'light'): Promise<void> => {
    await page.look(width, 900, scheme);
    await page.open(pathToFileURL(path.join(directory, 'report.html')).href);
    await page.frame();
  };

  /** Scrolls to a chart; where the middle of its plot is in the window. */
  const scrollTo = async (id: string): Promise<{ x: number; y: number }> => {
    await page.evaluate(`document.querySelector('[data-chart="${id}"]').scrollIntoView({ block: 'center' })`);
    await page.frame();
    return page.evaluate(
      '(() => { const { left, top, width, height } = ' +
        `document.querySelector('[data-chart="${id}"]').getBoundingClientRect(); return { ` +
        'x: left + width / 2, y: top + height / 2 }; })()',
    );
  };

  const widthsOf = (selector: string): Promise<number[]> =>
    page.evaluate(
      `[...document.querySelectorAll('${selector}')].map((each) => Math.round(each.getBoundingClientRect().width))`,
    );
  const strokesIn = (id: string): Promise<string[]> =>
    page.evaluate(
      `[...document.querySelectorAll('[data-chart="${id}"] svg path')].filter((path) => ` +
        "path.getAttribute('stroke-width') === '1.8').map((path) => path.getAttribute('stroke'))",
    );

  /** How many pixels of the window have a colour. */
  const pixelsOf = async (color: string): Promise<number> => {
    const { data, channels, width, height } = decode(await page.screenshot());
    const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
    let found = 0;
    for (let i = 0; i < width * height; i++)
      if (wanted.every((value, part) => data[i * channels + part] === value)) found++;
    return found;
  };

  test.each([
    [1280, 'light', light],
    [1280, 'dark', dark],
    [390, 'light', light],
    [390, 'dark', dark],
  ] as const)('at %d pixels, %s: figures fill the width, nothing sticks out', async (width, scheme, theme) => {
    await show(width, scheme);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    const places = await widthsOf('[data-chart]');
    expect(places.length).toBe(4);
    expect(await widthsOf('[data-chart] svg')).toEqual(places);
    expect(Math.min(...places)).toBeGreaterThan(0.75 * Math.min(width, 1100));
    await scrollTo('loss');
    expect(await pixelsOf(theme.palette[0]!)).toBeGreaterThan(50);
    expect(await pixelsOf(theme.ground)).toBeGreaterThan(0.5 * width * 900);
  });

  test('markup in names is text', async () => {
    await show(1280);
    expect(await page.evaluate('document.title')).toBe('Made up: <i>norm</i> | or not');
    expect(
      await page.evaluate(
        "[document.images.length, document.scripts.length, document.querySelectorAll('main " +
          "i, [data-legend] b').length]",
      ),
    ).toEqual([0, 2, 0]);
    expect(await page.evaluate('document.querySelector(\'[data-legend="loss"]\').textContent')).toContain(
      'with <b>BN</b> & "more" (1 of 3 diverged, NaN or ∞ after 6 steps)',
    );
  });

  test('a legend button hides a curve and shows it again', async () => {
    await show(1280);
    const before = await strokesIn('loss');
    expect(before.length).toBe(3);
    const press = () =>
      page.evaluate<string>(
        `(() => { const button = document.querySelectorAll('[data-legend="loss"] button')[2]; ` +
          "button.click(); return button.getAttribute('aria-pressed'); })()",
      );
    expect(await press()).toBe('false');
    await page.frame();
    expect(await strokesIn('loss')).toEqual(before.slice(0, 2));
    // Neither a new width nor other colours bring it back.
    await page.look(700, 900, 'dark');
    await page.frame();
    expect(await strokesIn('loss')).toEqual([dark.palette[0], dark.palette[0]]);
    expect(await widthsOf('[data-chart] svg')).toEqual(await widthsOf('[data-chart]'));
    expect(await press()).toBe('true');
    await page.frame();
    expect(await strokesIn('loss')).toEqual([dark.palette[0], dark.palette[0], dark.palette[1]]);
  });

  test('hovering tells the values of all curves, and those of exploded losses as they are', async () => {
    await show(1280);
    const { x, y } = await scrollTo('loss');
    const [left, width] = [
      await page.evaluate<number>('document.querySelector(\'[data-chart="loss"]\').getBoundingClientRect().left'),
      (await widthsOf('[data-chart="loss"]'))[0]!,
    ];
    await page.moveTo(x, y);
    const tip = () => page.evaluate<string>(`document.querySelector('[data-chart="loss"] > div:last-child').innerText`);
    expect(await tip()).toContain('step 10');
    expect(await tip()).toContain('1.02 (1.01 to 1.03)');
    await page.moveTo(left + 0.3 * width, y);
    expect(await tip()).toContain('with <b>BN</b> & "more"');
    expect(await tip()).toMatch(/step 5\n[\s\S]*3e15/);
    const cell = await scrollTo('coarse');
    await page.moveTo(cell.x + 200, cell.y - 60);
    expect(await page.evaluate(`document.querySelector('[data-chart="coarse"] > div:last-child').innerText`)).toMatch(
      /η 0\.1, λ 1e-6\s+validation accuracy none\s+all 3 not run yet/,
    );
  });

  test('Ctrl and the wheel zoom in; the wheel alone does not', async () => {
    await show(1280);
    const { x, y } = await scrollTo('accuracy');
    const labels = () =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('[data-chart="accuracy"] svg text')].map((text) => text.textContent)`,
      );
    const before = await labels();
    await page.wheel(x, y, { ctrl: true });
    await page.wheel(x, y, { ctrl: true });
    expect(await labels()).not.toEqual(before);
    const zoomed = await labels();
    const scrolled = await page.evaluate<number>('scrollY');
    await page.wheel(x, y);
    await expect.poll(() => page.evaluate<number>('scrollY'), { timeout: 20_000 }).toBeLessThan(scrolled);
    expect(await labels()).toEqual(zoomed);
  });

  test('a finger that moves over a chart is left to scroll the page', async () => {
    await page.send('Emulation.setTouchEmulationEnabled', { enabled: true });
    await show(390);
    const { x, y } = await scrollTo('loss');
    await page.evaluate(
      "addEventListener('touchmove', (event) => setTimeout(() => { window.taken = " +
        'event.defaultPrevented; }), { capture: true, passive: true })',
    );
    await page.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
    for (const moved of [20, 40, 60])
      await page.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x, y: y - moved }] });
    await page.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await page.frame();
    expect(await page.evaluate('window.taken')).toBe(false);
    await page.send('Emulation.setTouchEmulationEnabled', { enabled: false });
  });

  test('on paper: dark ink on white, as wide as the paper; afterwards as before', async () => {
    await show(1280, 'dark');
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await widthsOf('[data-chart] svg')).toEqual([660, 660, 660, 660]);
    expect(new Set(await strokesIn('loss'))).toEqual(new Set(light.palette.slice(0, 2)));
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await widthsOf('[data-chart] svg')).toEqual(await widthsOf('[data-chart]'));
    expect(new Set(await strokesIn('loss'))).toEqual(new Set(dark.palette.slice(0, 2)));
    expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
  });

  test('through all of this nothing was asked for and nothing complained of', () => {
    expect(new Set(page.requests)).toEqual(new Set([pathToFileURL(path.join(directory, 'report.html')).href]));
    expect(page.complaints).toEqual([]);
  });
});
