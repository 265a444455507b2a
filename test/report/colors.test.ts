/** Curves can be told apart by every eye, on light and on dark ground. */
import { describe, expect, test } from 'vitest';
import { dark, light } from '../../src/report/page/theme.js';
import { apart, contrast, VISIONS } from '../support/colorVision.js';

/** 2.3 is just noticeable in fields side by side; a thin line needs several times that. */
const CLEARLY_APART = 20;

describe.each(Object.entries({ light, dark }))('%s', (_name, { palette, ground, ink, quiet }) => {
  test.each(Object.entries(VISIONS))('curves are apart: %s', (_vision, matrix) => {
    const close = palette.flatMap((one, i) =>
      palette
        .slice(i + 1)
        .filter((other) => apart(one, other, matrix) < CLEARLY_APART)
        .map((other) => `${one} ${other}`),
    );
    expect(close).toEqual([]);
  });
  test('curves are seen on the ground (WCAG 2: 3 for graphics)', () =>
    expect(palette.filter((color) => contrast(color, ground) < 3)).toEqual([]));
  test('text is read on the ground (WCAG 2: 4.5)', () =>
    expect([ink, quiet].filter((color) => contrast(color, ground) < 4.5)).toEqual([]));
});

test('the distances are those of a known pair', () => {
  // White and black are 100 apart in lightness, to all eyes; their contrast is 21.
  for (const matrix of Object.values(VISIONS)) expect(apart('#ffffff', '#000000', matrix)).toBeCloseTo(100, 0);
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 6);
});
