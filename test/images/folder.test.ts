/** Folders of pictures: classes, parts, what cannot be read, the cache, and files chosen on a page. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ImageFolder, imagesFromFiles } from '../../src/images/index.js';
import { ArgumentError, type Dataset, FileFormatError, init, MissingDataError, transforms } from '../../src/index.js';
import { type LoadImageFolderOptions, loadImageFolder } from '../../src/node/index.js';
import { png } from '../support/png.js';

const PICTURES = path.join(import.meta.dirname, 'files');
const shape = [3, 6, 5] as const;

beforeAll(() => init({ threads: 2, oversubscribe: true }));

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-images-'));
});
const made: string[] = [];
afterAll(() => {
  for (const each of made) fs.rmSync(each, { recursive: true, force: true });
});

/** A PNG of one colour. */
const flat = (value: number): Buffer => png({ width: 4, height: 3, depth: 8, colourType: 2 }, (_x, _y, c) => value + c);

/** Writes files below the directory. */
function write(files: Readonly<Record<string, Uint8Array | string>>): string {
  made.push(directory);
  for (const [name, contents] of Object.entries(files)) {
    const file = path.join(directory, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, contents);
  }
  return directory;
}

const animals = (count: number): Record<string, Buffer> =>
  Object.fromEntries(
    ['dog', 'cat', 'ant'].flatMap((name, label) =>
      Array.from({ length: count }, (_, i) => [`${name}/${i}.png`, flat(60 * label + i)] as const),
    ),
  );

const load = (options: Partial<LoadImageFolderOptions> = {}) => loadImageFolder(directory, { shape, ...options });

/** Labels and first bytes of all images, in their order. */
function contents(dataset: Dataset | undefined): number[][] {
  if (dataset === undefined) return [];
  const [x, y] = dataset.batch(Int32Array.from({ length: dataset.length }, (_, i) => i));
  const values = x.data('float32');
  const size = values.length / dataset.length;
  return Array.from(y.data(), (label, i) => [Number(label), Math.round(values[i * size]! * 255)]);
}

const everything = ({ train, test: held, notes, unreadable, mean, std, files, classes }: ImageFolder) => ({
  ...{ notes, unreadable, mean, std, files, classes },
  train: contents(train),
  test: contents(held),
});

describe('classes and parts', () => {
  test('a folder is a class, and a share of each is set aside', async () => {
    write({ ...animals(10), 'cat/deeper/x.PNG': flat(9), '.hidden/x.png': flat(1), '__MACOSX/cat/x.png': flat(1) });
    const { train, test: held, ...facts } = await load();
    expect(facts.classes).toEqual(['ant', 'cat', 'dog']);
    expect([train.length, held!.length]).toEqual([25, 6]);
    expect(train.classes).toEqual(facts.classes);
    const [x, y] = train.batch(Int32Array.of(0));
    expect([x.shape, y.dtype]).toEqual([[1, ...shape], 'int32']);
    const counts = [0, 1, 2].map((label) => contents(held).filter(([other]) => other === label).length);
    expect(counts).toEqual([2, 2, 2]);
    const all = [...facts.files.train, ...facts.files.test];
    expect(new Set(all).size).toBe(31);
    expect(all).toContain('cat/deeper/x.PNG');
    const shown = [...contents(train), ...contents(held)];
    all.forEach((file, i) => {
      expect(facts.classes[shown[i]![0]!]).toBe(file.split('/')[0]);
    });
    expect(facts.notes).toEqual([]);
  });

  test('the seed decides, and nothing else', async () => {
    write(animals(6));
    const [one, again, other] = [await load(), await load({ workers: 2 }), await load({ seed: 1 })];
    expect(everything(again)).toEqual(everything(one));
    expect(other.files).not.toEqual(one.files);
  });

  test('folders train and test are taken as they are', async () => {
    const files = Object.entries(animals(4));
    const parts = ['train', 'val'].flatMap((part) => files.map(([name, bytes]) => [`${part}/${name}`, bytes] as const));
    write(Object.fromEntries(parts));
    const { train, test: held, files: names, classes } = await load();
    expect([train.length, held!.length, classes]).toEqual([12, 12, ['ant', 'cat', 'dog']]);
    expect(names.test.every((name) => name.startsWith('val/'))).toBe(true);
    fs.mkdirSync(path.join(directory, 'test/cow'), { recursive: true });
    fs.writeFileSync(path.join(directory, 'test/cow/1.png'), flat(1));
    await expect(load()).rejects.toThrow('test has a class that train has not: cow');
  });

  test('a class may be called train', async () => {
    write({ 'train/1.png': flat(1), 'bus/1.png': flat(2), 'train/2.png': flat(1), 'bus/2.png': flat(2) });
    expect((await load()).classes).toEqual(['bus', 'train']);
  });

  test('nothing is set aside where validation is 0', async () => {
    write(animals(2));
    const { train, test: held } = await load({ validation: 0 });
    expect([train.length, held]).toEqual([6, undefined]);
  });

  test('mean and deviation are those of the training images', async () => {
    write(animals(3));
    const { train, mean, std } = await load();
    const [x] = train.batch(
      Int32Array.from({ length: train.length }, (_, i) => i),
      { transforms: [transforms.normalize({ mean, std })] },
    );
    const values = x.data('float32');
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(average).toBeCloseTo(0, 5);
    expect(values.reduce((sum, value) => sum + value * value, 0) / values.length).toBeCloseTo(1, 4);
  });
});

describe('what cannot be read', () => {
  test('is listed, and the others are used', async () => {
    write({
      ...animals(3),
      'cat/broken.png': flat(1).subarray(0, 40),
      'cat/gif.jpg': 'GIF89a, in truth',
      'cat/text.txt': 'not a picture',
      'top.png': flat(1),
    });
    const { train, test: held, notes, unreadable } = await load();
    expect(train.length + held!.length).toBe(9);
    expect(unreadable).toEqual([
      { file: 'cat/broken.png', reason: 'the PNG ends before its end chunk' },
      { file: 'cat/gif.jpg', reason: 'this is a GIF, which is not read' },
    ]);
    expect(notes).toEqual([
      "1 of the pictures are in no class's folder, and are not used",
      '1 of the files are no PNG, JPEG or WebP, and are not used',
      'cat/broken.png is not used: the PNG ends before its end chunk',
      'cat/gif.jpg is not used: this is a GIF, which is not read',
    ]);
  });

  test('is an error where a class has nothing else', async () => {
    write({ ...animals(2), 'cow/1.png': 'nothing' });
    const error = await load().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FileFormatError);
    expect((error as Error).message).toContain('no picture of the class cow can be trained on; cow/1.png: this is');
  });

  test.each([
    ['no folder', () => path.join(directory, 'nowhere'), 'cannot be read'],
    ['no picture', () => directory, 'no folder in it has a PNG, JPEG or WebP picture'],
  ])('%s is an error', async (_name, place, message) => {
    write({ 'cat/notes.txt': 'nothing' });
    const error = await loadImageFolder(place(), { shape }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MissingDataError);
    expect((error as Error).message).toContain(message);
  });
});

describe('the cache', () => {
  test('is read where pictures and options are the same', async () => {
    write({ ...animals(5), 'cat/broken.png': 'nothing' });
    const cache = path.join(directory, 'kept/images.cache');
    const plain = everything(await load());
    let decoded = 0;
    const count = { cache, onProgress: () => void decoded++ };
    expect(everything(await load(count))).toEqual(plain);
    expect(decoded).toBe(16);
    expect(everything(await load(count))).toEqual(plain);
    expect(decoded).toBe(16);
    await load({ ...count, fit: 'fill' });
    expect(decoded).toBe(32);
    fs.writeFileSync(path.join(directory, 'cat/1.png'), flat(200));
    await load({ ...count, fit: 'fill' });
    expect(decoded).toBe(48);
    fs.truncateSync(cache, 1000);
    expect((await load({ ...count, fit: 'fill' })).train.length).toBe(12);
    expect(decoded).toBe(64);
    expect(fs.readdirSync(path.dirname(cache))).toEqual(['images.cache']);
  });

  test('holds what memory has no room for', async () => {
    write(animals(5));
    await expect(load({ memory: 500 })).rejects.toThrow(ArgumentError);
    const cache = `${directory}.cache`;
    made.push(cache);
    const streamed = await load({ memory: 500, cache });
    expect(everything(streamed)).toEqual(everything(await load()));
    expect(() => streamed.train.batch(Int32Array.of(12))).toThrow('there is no sample 12, there are 12');
  });
});

test('pictures of all kinds become the same images on a page, in workers and on one thread', async () => {
  const names = fs.readdirSync(PICTURES).filter((name) => !name.endsWith('.json'));
  const bytes = (name: string) => fs.readFileSync(path.join(PICTURES, name));
  write(Object.fromEntries(names.map((name, i) => [`${i % 2 === 0 ? 'even' : 'odd'}/${name}`, bytes(name)])));
  const files = names.map((name, i) => {
    const file = new File([bytes(name)], name);
    const webkitRelativePath = `chosen/${i % 2 === 0 ? 'even' : 'odd'}/${name}`;
    return Object.defineProperty(file, 'webkitRelativePath', { value: webkitRelativePath });
  });
  const [here, workers] = [await load({ workers: 0 }), await load({ workers: 2 })];
  expect(everything(workers)).toEqual(everything(here));
  expect(everything(await imagesFromFiles(files, { shape }))).toEqual(everything(here));
  expect(here.unreadable).toEqual([]);
});
