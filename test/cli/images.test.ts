/** `lanewise train`, `eval`, `predict` and `sweep` on a folder of pictures. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { lanewise, workspace } from './lanewise.js';

const SHAPES = path.resolve(import.meta.dirname, '../../examples/shapes');

let directory: string;
let run: string;
beforeAll(async () => {
  directory = workspace();
  run = path.join(directory, 'run');
  const args = ['train', '--dataset', 'images', '--data', SHAPES, '--image-size', '20x16', '--validation', '0.25'];
  const result = await lanewise([...args, '--epochs', '2', '--out', run, '--json'], undefined, directory);
  expect(result).toMatchObject({ code: 0 });
  events = result.events;
});
let events: readonly Record<string, unknown>[];

describe('a folder of pictures', () => {
  test('is trained on with the settings that suit it', () => {
    expect(events[0]!.config).toMatchObject({
      model: 'cnn-bn',
      optimizer: 'adam',
      normalize: true,
      imageSize: '20x16',
    });
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: 4 });
    expect(fs.readdirSync(path.join(directory, 'runs/.cache'))).toHaveLength(1);
  });

  test('is evaluated on where it was not trained on', async () => {
    const best = (events.at(-1) as { bestTestAccuracy: number }).bestTestAccuracy;
    const own = await lanewise(['eval', '--checkpoint', run, '--data', SHAPES, '--json'], undefined, directory);
    expect(own.events[0]).toMatchObject({ dataset: 'images', images: 18, testAccuracy: best });
    const other = path.join(directory, 'other');
    fs.cpSync(path.join(SHAPES, 'circle'), path.join(other, 'circle'), { recursive: true });
    const all = await lanewise(['eval', '--checkpoint', run, '--data', other, '--json'], undefined, directory);
    expect(all.events[0]).toMatchObject({ images: 24 });
    fs.cpSync(path.join(SHAPES, 'circle'), path.join(other, 'star'), { recursive: true });
    const unknown = await lanewise(['eval', '--checkpoint', run, '--data', other], undefined, directory);
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.stderr).toContain('the folder star is none of the classes circle, square, triangle');
  });

  test('has classes that pictures of any size are predicted to be', async () => {
    const pictures = ['circle/0.png', 'square/1.jpg', 'triangle/2.webp'].map((name) => path.join(SHAPES, name));
    const result = await lanewise(['predict', '--checkpoint', run, ...pictures, '--json'], undefined, directory);
    expect(result.events).toHaveLength(3);
    for (const { label, probabilities } of result.events) {
      expect(['circle', 'square', 'triangle']).toContain(label);
      expect(probabilities).toHaveLength(3);
    }
  });

  test('is searched for settings', async () => {
    const args = ['sweep', '--dataset', 'images', '--data', SHAPES, '--epochs', '1', '--param', 'lr=0.001,0.01'];
    const result = await lanewise([...args, '--out', 'sweep', '--json'], undefined, directory);
    expect(result).toMatchObject({ code: 0 });
    expect(result.events.at(-1)).toMatchObject({ event: 'done', trials: 2 });
  });

  test.each([
    [['--data', SHAPES, '--image-size', '0x9'], 2, /--image-size.*a height and a width/],
    [['--data', 'nowhere'], 1, /nowhere: cannot be read/],
    [[], 1, /give the folder of the data set images/],
  ])('%j is refused', async (args, _code, message) => {
    const result = await lanewise(['train', '--dataset', 'images', ...args], undefined, directory);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toMatch(message);
  });
});
