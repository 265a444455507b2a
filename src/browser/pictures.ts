/**
 * Small pictures on canvases: digits, filters, feature maps. Pixels are drawn one to one; the style sheet enlarges
 * them.
 */
import { contextOf, element } from './dom.js';
import type { Pictures } from './inspect.js';

/** Of a grid, in pixels of the screen. */
const WIDEST = 440;

type Colour = readonly [red: number, green: number, blue: number];

/** Colours of what is below zero and above it, at its largest; zero is black. */
const COLOURS: Readonly<Record<'weights' | 'outputs', readonly [below: Colour, above: Colour]>> = {
  weights: [
    [60, 150, 255],
    [255, 150, 40],
  ],
  outputs: [
    [0, 0, 0],
    [255, 255, 255],
  ],
};

/** An image of bytes, white on black. */
export function drawDigit(canvas: HTMLCanvasElement, pixels: ArrayLike<number>, height: number, width: number): void {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = pixels[i]!;
    image.data[4 * i + 3] = 255;
  }
  contextOf(canvas).putImageData(image, 0, 0);
}

export function digitCanvas(
  pixels: ArrayLike<number>,
  height: number,
  width: number,
  label: string,
): HTMLCanvasElement {
  const canvas = element('canvas', { class: 'digit', role: 'img', 'aria-label': label });
  drawDigit(canvas, pixels, height, width);
  return canvas;
}

/** Columns of a grid that is a little wider than high, and full where that can be had. */
function columnsOf(count: number, slope: number): number {
  const ideal = Math.min(count, 16, Math.max(1, Math.round(Math.sqrt(1.6 * count * slope))));
  const near = [0, -1, 1, -2, 2].map((more) => ideal + more);
  return near.find((columns) => columns > 0 && count % columns === 0) ?? ideal;
}

/**
 * Pictures in a grid, a pixel apart. Weights are coloured by sign, each picture by its own largest; what layers put out
 * is grey, all pictures by the largest of them.
 */
export function pictureGrid(
  { title, count, height, width, values }: Pictures,
  kind: 'weights' | 'outputs',
): HTMLElement {
  const columns = columnsOf(count, height / width);
  const rows = Math.ceil(count / columns);
  const canvas = element('canvas', { role: 'img', 'aria-label': title });
  [canvas.width, canvas.height] = [columns * (width + 1) - 1, rows * (height + 1) - 1];
  const context = contextOf(canvas);
  const image = context.createImageData(canvas.width, canvas.height);
  const size = height * width;
  const largest = (part: Float32Array): number => part.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const overall = largest(values);
  const [below, above] = COLOURS[kind];
  for (let p = 0; p < count; p++) {
    const picture = values.subarray(p * size, (p + 1) * size);
    const scale = kind === 'weights' ? largest(picture) : overall;
    const [left, top] = [(p % columns) * (width + 1), Math.floor(p / columns) * (height + 1)];
    for (let i = 0; i < size; i++) {
      const value = picture[i]! / scale;
      const colour = value < 0 ? below : above;
      const at = 4 * ((top + Math.floor(i / width)) * canvas.width + left + (i % width));
      for (let c = 0; c < 3; c++) image.data[at + c] = colour[c]! * Math.abs(value);
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  // Half or whole screen pixels for each of a picture, as large as is of use.
  canvas.style.maxWidth = `${canvas.width * Math.max(1, Math.min(12, Math.floor((2 * WIDEST) / canvas.width) / 2))}px`;
  return element('figure', { class: 'pictures' }, element('figcaption', {}, title), canvas);
}
