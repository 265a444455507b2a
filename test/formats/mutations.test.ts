/**
 * Damaged files of every kind: each is read or refused by an error of ours, within a second and 200 MB.
 *
 *     npm run test:long       50,000 of them; otherwise 1,000
 */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Budget } from '../../src/formats/budget.js';
import { decode, load } from '../../src/formats/node/index.js';
import { ZipReader } from '../../src/formats/zip/read.js';
import { writeZip } from '../../src/formats/zip/write.js';
import { init, LanewiseError } from '../../src/index.js';
import { uniform } from '../support/random.js';
import { expected, FIXTURES, fixture } from './expected.js';

await init({ threads: 1 });

const { MODE } = (import.meta as unknown as { env: { MODE: string } }).env;
const COUNT = MODE === 'long' ? 50_000 : 1000;
const MOST_SECONDS = 1;
const MOST_BYTES = 200 * 2 ** 20;

const names = Object.keys(expected);
const files = names.map(fixture);

/**
 * A copy with some damage: turned bits, extreme numbers, and parts that are cut out, doubled or those of another file.
 */
function damaged(bytes: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  const copy = bytes.slice();
  if (copy.length === 0) return copy;
  for (let times = 1 + below(4); times > 0; times--) {
    const at = below(random() < 0.5 ? Math.min(copy.length, 400) : copy.length);
    const extreme = [0, 0xff, 0x7f, 0x80, 1, 10, 0x28, 0x52, 0x5d, 0x7d, 0x85][below(11)]!;
    switch (below(7)) {
      case 0:
        copy[at]! ^= 1 << below(8);
        break;
      case 1:
        copy[at] = extreme;
        break;
      case 2:
        copy.fill(extreme, at, at + 1 + below(8));
        break;
      case 3:
        copy.copyWithin(at, below(copy.length), below(copy.length));
        break;
      case 4: {
        const other = files[below(files.length)]!;
        const from = below(other.length);
        copy.set(other.subarray(from, from + Math.min(1 + below(64), copy.length - at)), at);
        break;
      }
      case 5:
        return copy.slice(0, at);
      default:
        return Uint8Array.from([...copy.subarray(0, at), ...copy.subarray(at + below(16))]);
    }
  }
  return copy;
}

/** The same, of an entry of a zip file, which then has the checksum of what it holds. */
function damagedInside(bytes: Uint8Array, random: () => number): Uint8Array {
  const zip = new ZipReader(bytes, new Budget('fixture', bytes.length));
  const entries = [...zip.entries.values()];
  if (entries.length === 0) return damaged(bytes, random);
  const chosen = entries[Math.floor(random() ** 2 * entries.length)];
  return writeZip(
    new Map(
      entries.map((entry) => {
        const contents = zip.read(entry).bytes;
        return [entry.name, entry === chosen ? damaged(contents, random) : contents];
      }),
    ),
    'test',
  );
}

function damagedFile(random: () => number): { name: string; read: () => unknown } {
  const which = Math.floor(random() * files.length);
  const isZip = files[which]![0] === 0x50;
  const bytes = (isZip && random() < 0.7 ? damagedInside : damaged)(files[which]!, random);
  const lossy = random() < 0.5;
  return { name: names[which]!, read: () => decode(bytes, { name: 'damaged', lossy }) };
}

// ---- Models of several files ----

const TFJS = path.join(FIXTURES, 'tfjs');
const models = fs.readdirSync(TFJS).map((name) => {
  const folder = path.join(TFJS, name);
  const parts = fs.readdirSync(folder).filter((file) => file.endsWith('.bin'));
  return {
    name,
    json: fs.readFileSync(path.join(folder, 'model.json'), 'utf8'),
    files: Object.fromEntries(parts.map((file) => [file, new Uint8Array(fs.readFileSync(path.join(folder, file)))])),
  };
});

/** Puts something odd in place of some values in a tree, or takes them away. */
function odd(tree: unknown, random: () => number): unknown {
  const values = [null, -1, 0, 1, 3, 1e9, 1e308, 0.5, 'x', 'same', 'relu', '__proto__', [], {}, true, [[1]], undefined];
  const parents: [Record<string, unknown>, string][] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      parents.push([node as Record<string, unknown>, key]);
      visit(value);
    }
  };
  visit(tree);
  for (let times = 1 + Math.floor(random() * 2); times > 0; times--) {
    const [parent, key] = parents[Math.floor(random() * parents.length)]!;
    parent[key] = values[Math.floor(random() * values.length)];
  }
  return tree;
}

/** A model with some damage in its JSON or in a file of weights. */
function damagedModel(random: () => number): { name: string; read: () => Promise<unknown> } {
  const { name, json, files } = models[Math.floor(random() * models.length)]!;
  const text = new TextEncoder();
  let bytes = text.encode(json);
  let parts: Record<string, Uint8Array> = files;
  const kind = random();
  if (kind < 0.7) bytes = text.encode(JSON.stringify(odd(JSON.parse(json), random)));
  else if (kind < 0.9) bytes = damaged(bytes, random) as typeof bytes;
  else parts = Object.fromEntries(Object.entries(files).map(([file, part]) => [file, damaged(part, random)]));
  return { name, read: () => load(bytes, { files: parts }) };
}

const bytesUsed = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

describe('damaged files', () => {
  test(`${COUNT} of them are read or refused`, { timeout: 3_600_000 }, async () => {
    const random = uniform(7);
    const count = { read: 0, refused: 0 };
    for (let i = 0; i < COUNT; i++) {
      const { name, read } = random() < 0.2 ? damagedModel(random) : damagedFile(random);
      const [before, since] = [bytesUsed(), process.cpuUsage()];
      try {
        await read();
        count.read++;
      } catch (error) {
        if (!(error instanceof LanewiseError)) expect.fail(`${name}, damage ${i}: ${String((error as Error).stack)}`);
        count.refused++;
      }
      const { user } = process.cpuUsage(since);
      if (user > MOST_SECONDS * 1e6) expect.fail(`${name}, damage ${i}: it took ${user / 1e6} s`);
      const bytes = bytesUsed() - before;
      if (bytes > MOST_BYTES) expect.fail(`${name}, damage ${i}: it took ${bytes} bytes`);
    }
    // Both occur: the damage is neither everywhere fatal nor without effect.
    expect(count.read).toBeGreaterThan(COUNT / 20);
    expect(count.refused).toBeGreaterThan(COUNT / 3);
  });
});
