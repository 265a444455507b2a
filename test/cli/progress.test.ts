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
  expect(written).toMatch(/epoch 2\/3 █+░+ 1\/10 {2}loss 0\.2500 {2}accuracy 93\.75 % {2}50 images\/s {2}ETA 38 s/);
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
