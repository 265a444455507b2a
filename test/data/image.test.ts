import { describe, expect, test } from 'vitest';
import { ArgumentError, type Picture, toImageInput, toMnistInput } from '../../src/index.js';
import { loadMnist } from '../../src/node/index.js';

/** A picture of one channel from a function of x and y. */
function picture(width: number, height: number, value: (x: number, y: number) => number, channels = 1): Picture {
  return {
    width,
    height,
    channels,
    data: Array.from({ length: width * height * channels }, (_, i) => {
      const pixel = Math.floor(i / channels);
      return channels % 2 === 0 && i % channels === channels - 1
        ? 255
        : value(pixel % width, Math.floor(pixel / width));
    }),
  };
}

const inside = (x: number, y: number, left: number, top: number, width: number, height: number) =>
  x >= left && x < left + width && y >= top && y < top + height;

/** Smallest box with all that is not 0, and centre of mass. */
function describeDigit(bytes: Uint8Array): {
  left: number;
  top: number;
  width: number;
  height: number;
  centre: [number, number];
} {
  let [left, right, top, bottom, mass, across, down] = [28, -1, 28, -1, 0, 0, 0];
  bytes.forEach((value, i) => {
    if (value === 0) return;
    const [x, y] = [i % 28, Math.floor(i / 28)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    [mass, across, down] = [mass + value, across + value * x, down + value * y];
  });
  return { left, top, width: right - left + 1, height: bottom - top + 1, centre: [across / mass, down / mass] };
}

describe('toMnistInput', () => {
  test('a digit of MNIST, moved and put on a larger sheet, comes back pixel for pixel', async () => {
    const { train, test: held } = await loadMnist();
    const images = held.x.data() as Uint8Array;
    held.dispose();
    train.dispose();
    let compared = 0;
    for (let n = 0; n < 60; n++) {
      const digit = images.slice(784 * n, 784 * (n + 1));
      const { width, height } = describeDigit(digit);
      // The stretch to 255 would change a paler one.
      if (Math.max(...digit) !== 255 || Math.max(width, height) !== 20) continue;
      const sheet = picture(61, 47, (x, y) => (inside(x, y, 25, 9, 28, 28) ? digit[(y - 9) * 28 + x - 25]! : 0));
      expect(toMnistInput(sheet)).toEqual(digit);
      compared++;
    }
    expect(compared).toBeGreaterThan(20);
  });

  test('28×28 is taken as it is, or inverted where the border is light', () => {
    const digit = picture(28, 28, (x, y) => (inside(x, y, 3, 4, 5, 20) ? 200 : 0));
    const negative = picture(28, 28, (x, y) => (inside(x, y, 3, 4, 5, 20) ? 55 : 255));
    expect(toMnistInput(digit)).toEqual(Uint8Array.from(digit.data));
    expect(toMnistInput(negative)).toEqual(Uint8Array.from(digit.data));
  });

  test('ink may be dark on light or light on dark, grey or coloured, of 8 or 16 bits', () => {
    const want = toMnistInput(picture(100, 140, (x, y) => (inside(x, y, 20, 30, 30, 60) ? 255 : 0)));
    const shapes = describeDigit(want);
    expect([shapes.width, shapes.height]).toEqual([10, 20]);
    expect(Math.abs(shapes.centre[0] - 14)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(shapes.centre[1] - 14)).toBeLessThanOrEqual(0.5);
    expect(new Set(want)).toEqual(new Set([0, 255]));
    const dark = (x: number, y: number) => (inside(x, y, 20, 30, 30, 60) ? 60 : 220);
    for (const channels of [1, 2, 3, 4])
      expect(toMnistInput(picture(100, 140, dark, channels)), `${channels} channels`).toEqual(want);
    const { data, ...rest } = picture(100, 140, dark, 3);
    expect(toMnistInput({ ...rest, data: Uint16Array.from(data, (value) => value * 257), depth: 16 })).toEqual(want);
    expect(toMnistInput({ width: 100, height: 140, data: picture(100, 140, dark, 4).data })).toEqual(want);
  });

  test('what is drawn on nothing stands out from it, be it black or white', () => {
    const want = toMnistInput(picture(50, 50, (x, y) => (inside(x, y, 5, 5, 10, 30) ? 255 : 0)));
    for (const colour of [0, 255]) {
      const data = Array.from({ length: 50 * 50 * 4 }, (_, i) =>
        i % 4 < 3 ? colour : inside((i >> 2) % 50, Math.floor(i / 200), 5, 5, 10, 30) ? 255 : 0,
      );
      expect(toMnistInput({ width: 50, height: 50, data }), `colour ${colour}`).toEqual(want);
    }
  });

  test('a noisy background does not make the digit small', () => {
    const noisy = picture(80, 80, (x, y) => (inside(x, y, 30, 20, 10, 40) ? 250 : (x * 7 + y * 13) % 17));
    const { width, height } = describeDigit(toMnistInput(noisy));
    expect([width, height]).toEqual([5, 20]);
  });

  test('scaling keeps the mean: half a pixel is half as bright', () => {
    // A box 40 wide, striped black and white by columns of one: two columns go into each new pixel.
    const stripes = toMnistInput(
      picture(60, 60, (x, y) => (inside(x, y, 10, 10, 40, 40) && (x % 2 === 0 || x === 49) ? 255 : 0)),
    );
    const row = stripes.slice(14 * 28, 15 * 28).filter((value) => value > 0);
    expect([...row.slice(0, 19)]).toEqual(Array(19).fill(128));
    expect(row[19]).toBe(255);
  });

  test('extremes: nothing drawn, one dot, one line across', () => {
    expect(toMnistInput(picture(40, 30, () => 255))).toEqual(new Uint8Array(784));
    expect(describeDigit(toMnistInput(picture(40, 30, (x, y) => (x === 7 && y === 9 ? 0 : 255))))).toMatchObject({
      width: 20,
      height: 20,
    });
    expect(describeDigit(toMnistInput(picture(400, 300, (_x, y) => (y === 150 ? 255 : 0))))).toMatchObject({
      width: 20,
      height: 1,
    });
    expect(toMnistInput(picture(1, 1, () => 9))).toEqual(new Uint8Array(784));
  });

  test('each value is read three times at most, or five times where transparent parts have to be weighed', () => {
    for (const [width, height, channels, most] of [
      [300, 200, 1, 3],
      [300, 200, 3, 3],
      [300, 200, 4, 5],
    ] as const) {
      const value = (x: number, y: number): number => (inside(x, y, 40, 60, 200, 100) ? 30 + ((x * y) % 9) : 220);
      const { data } = picture(width, height, value, channels);
      let reads = 0;
      const counted = new Proxy(data as number[], {
        get(values, name) {
          if (name !== 'length') reads++;
          return Reflect.get(values, name) as unknown;
        },
      });
      const wanted = toMnistInput({ width, height, channels, data });
      expect(toMnistInput({ width, height, channels, data: counted })).toEqual(wanted);
      expect(reads / (width * height * channels)).toBeLessThanOrEqual(most);
    }
  });

  test('pictures as narrow and as long as can be', () => {
    const ends = (i: number): number => (i > 20_000 && i < 50_000 ? 0 : 255);
    const row = describeDigit(toMnistInput(picture(65_535, 1, ends)));
    expect([row.width, row.height]).toEqual([20, 1]);
    const column = describeDigit(toMnistInput(picture(1, 65_535, (_x, y) => ends(y))));
    expect([column.width, column.height]).toEqual([1, 20]);
    const grey = toImageInput(
      { width: 1, height: 65_535, channels: 1, data: new Uint8Array(65_535).fill(7) },
      [1, 4, 4],
    );
    expect([...grey]).toEqual(Array(16).fill(7));
  });

  test('refuses pictures that are not what they say', () => {
    expect(() => toMnistInput({ width: 3, height: 3, data: new Uint8Array(35) })).toThrow(
      /3×3 pixels of 4 channels are 36 values, not 35/,
    );
    expect(() => toMnistInput({ width: 4097, height: 4096, data: [] })).toThrow(/4097×4096 .*at most 16777216 pixels/);
    expect(() => toMnistInput({ width: 3, height: 3 } as Picture)).toThrow(ArgumentError);
    for (const wrong of [
      { width: 0 },
      { width: 1.5 },
      { channels: 5 },
      { depth: 1 },
      { width: 2 ** 20, height: 2 ** 20 },
      { width: 65_536, height: 1 },
    ]) {
      expect(() => toMnistInput({ width: 2, height: 2, data: new Uint8Array(16), ...wrong })).toThrow(ArgumentError);
    }
  });
});

describe('toImageInput', () => {
  test('gives planes of the size asked for', () => {
    const colours = { width: 2, height: 2, channels: 3, data: [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30] };
    expect([...toImageInput(colours, [3, 2, 2])]).toEqual([255, 0, 0, 10, 0, 255, 0, 20, 0, 0, 255, 30]);
    expect([...toImageInput(colours, [3, 1, 1])]).toEqual([66, 69, 71]);
    expect([...toImageInput(colours, [1, 2, 2])]).toEqual([76, 150, 29, 18]);
    expect([...toImageInput({ width: 1, height: 1, data: [0, 0, 0, 0] }, [3, 1, 2])]).toEqual([
      255, 255, 255, 255, 255, 255,
    ]);
    expect(() => toImageInput(colours, [2, 2, 2])).toThrow(ArgumentError);
  });
});
