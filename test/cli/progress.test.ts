import { afterEach, expect, test, vi } from 'vitest';
import { EpochBar } from '../../src/cli/progress.js';
import type { BatchReport } from '../../src/index.js';

const report = (batch: number): BatchReport => ({
  epoch: 2,
  batch,
  batches: 10,
  step: 10 + batch,
  loss: 0.5,
  images: 100 * batch,
  trainLoss: 0.25,
  trainAccuracy: 0.9375,
  imagesPerSecond: 50,
});

function onTerminal(isTTY: boolean, use: () => void): string {
  let written = '';
  const before = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
  Object.defineProperty(process.stderr, 'isTTY', { value: isTTY, configurable: true });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  try {
    use();
  } finally {
    if (before === undefined) delete (process.stderr as { isTTY?: boolean }).isTTY;
    else Object.defineProperty(process.stderr, 'isTTY', before);
  }
  return written;
}

afterEach(() => {
  vi.restoreAllMocks();
});

test('on a terminal the bar shows epoch, loss, accuracy, images per second and the time that is left', () => {
  const bar = new EpochBar(3, (step) => 30 - step);
  const written = onTerminal(true, () => {
    bar.update(report(1));
    bar.clear();
  });
  // 19 steps of 100 images at 50 images/s.
  expect(written).toMatch(/epoch 2\/3 █+░+ 1\/10 {2}loss 0\.2500, 93\.75 % {2}50 images\/s {2}ETA 38 s/);
});

test.each([
  [120, /epoch 2\/3 ░{24} 1\/600 {2}loss 0\.2500, 93\.75 % {2}12,345 images\/s {2}ETA 1 min 30 s/],
  [84, /epoch 2\/3 ░+ 1\/600 {2}loss 0\.2500, 93\.75 % {2}12,345 images\/s {2}ETA/],
  [80, /epoch 2\/3 ░+ 1\/600 {2}loss 0\.2500, 93\.75 % {2}ETA 1 min 30 s/],
  [60, /epoch 2\/3 ░+ 1\/600 {2}loss 0\.2500 {2}ETA 1 min 30 s/],
  [40, /epoch 2\/3 ░+ 1\/600 {2}loss 0\.2500/],
  [20, /epoch 2\/3 ░+ 1\/600/],
])('in %i columns it shows what has room', (columns, expected) => {
  const before = Object.getOwnPropertyDescriptor(process.stderr, 'columns');
  Object.defineProperty(process.stderr, 'columns', { value: columns, configurable: true });
  try {
    const written = onTerminal(true, () => {
      const bar = new EpochBar(3, () => (90 * 12_345) / 100);
      bar.update({ ...report(1), batches: 600, imagesPerSecond: 12_345 });
      bar.clear();
    });
    expect(written).toMatch(expected);
    const line = /epoch [^\x1b]*/.exec(written)![0];
    if (columns >= 40) expect(line.length).toBeLessThan(columns);
  } finally {
    if (before === undefined) delete (process.stderr as { columns?: number }).columns;
    else Object.defineProperty(process.stderr, 'columns', before);
  }
});

test('elsewhere there is none', () => {
  const bar = new EpochBar(3, () => 0);
  expect(
    onTerminal(false, () => {
      bar.update(report(1));
      bar.clear();
    }),
  ).toBe('');
});
