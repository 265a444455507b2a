import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileWriteError } from '../../src/index.js';
import { writeFileAtomic } from '../../src/node.js';

let directory: string;
beforeEach(() => { directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-files-')); });
afterEach(() => fs.rmSync(directory, { recursive: true }));

describe('writeFileAtomic', () => {
  test('writes bytes and texts, and leaves nothing besides', () => {
    const file = path.join(directory, 'last.safetensors');
    writeFileAtomic(file, Uint8Array.of(1, 2, 3));
    expect(fs.readFileSync(file)).toEqual(Buffer.of(1, 2, 3));
    writeFileAtomic(file, 'größer');
    expect(fs.readFileSync(file, 'utf8')).toBe('größer');
    expect(fs.readdirSync(directory)).toEqual(['last.safetensors']);
  });

  test('writes only the view that it is given', () => {
    const file = path.join(directory, 'part');
    writeFileAtomic(file, Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
    expect(fs.readFileSync(file)).toEqual(Buffer.of(2, 3));
  });

  test('the name never has half a file: a reader that holds the old one keeps it whole', () => {
    const file = path.join(directory, 'last');
    writeFileAtomic(file, new Uint8Array(1000).fill(1));
    const held = fs.openSync(file, 'r');
    writeFileAtomic(file, new Uint8Array(2000).fill(2));
    expect(fs.readFileSync(held)).toEqual(Buffer.alloc(1000, 1));
    fs.closeSync(held);
    expect(fs.statSync(file).size).toBe(2000);
  });

  test('a missing directory is told, with the name and a hint', () => {
    const file = path.join(directory, 'missing', 'last');
    expect(() => writeFileAtomic(file, 'x')).toThrow(FileWriteError);
    expect(() => writeFileAtomic(file, 'x')).toThrow(/last: cannot be written: ENOENT[^]*hint: is .*missing a directory/);
  });

  test('what cannot take the name leaves the old contents and no rest', () => {
    const taken = path.join(directory, 'taken');
    fs.mkdirSync(path.join(taken, 'inside'), { recursive: true });
    expect(() => writeFileAtomic(taken, 'x')).toThrow(FileWriteError);
    expect(fs.readdirSync(directory)).toEqual(['taken']);
    const inFile = path.join(directory, 'file');
    fs.writeFileSync(inFile, 'old');
    expect(() => writeFileAtomic(path.join(inFile, 'below'), 'x')).toThrow(FileWriteError);
    expect(fs.readFileSync(inFile, 'utf8')).toBe('old');
  });
});
