import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileWriteError } from '../../src/index.js';
import { makeDirectory } from '../../src/node/index.js';

let base: string;
beforeEach(() => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-make-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(base, { recursive: true });
});

const inBase = (...parts: string[]) => path.join(base, ...parts);

describe('makeDirectory', () => {
  test('makes what is missing, and says what that was', () => {
    expect(makeDirectory(inBase('a', 'b', 'c'))).toEqual([inBase('a'), inBase('a', 'b'), inBase('a', 'b', 'c')]);
    expect(makeDirectory(inBase('a', 'b', 'd', '..', 'e'))).toEqual([inBase('a', 'b', 'e')]);
    expect(makeDirectory(inBase('a', 'b'))).toEqual([]);
    expect(fs.readdirSync(inBase('a', 'b')).sort()).toEqual(['c', 'e']);
  });

  test('takes a link to a directory', () => {
    fs.mkdirSync(inBase('real'));
    fs.symlinkSync(inBase('real'), inBase('link'));
    makeDirectory(inBase('link', 'below'));
    expect(fs.readdirSync(inBase('real'))).toEqual(['below']);
  });

  test.each([
    ['file', 'it is not a directory'],
    ['file/below', 'ENOTDIR'],
    ['nowhere', 'is a link to a missing place'],
    ['nowhere/below', 'is a link to'],
    ['loop', 'ELOOP|is a link to'],
    [`new/${'x'.repeat(300)}`, 'ENAMETOOLONG'],
  ])('refuses %s, with the path and a hint, and leaves nothing', (name, reason) => {
    fs.writeFileSync(inBase('file'), 'kept');
    fs.symlinkSync(inBase('missing'), inBase('nowhere'));
    fs.symlinkSync(inBase('loop'), inBase('loop'));
    expect(() => makeDirectory(inBase(name))).toThrow(FileWriteError);
    expect(() => makeDirectory(inBase(name))).toThrow(
      new RegExp(`^${inBase(name)}: .*(${reason})[\\s\\S]*hint: choose another directory`),
    );
    expect(fs.readdirSync(base).sort()).toEqual(['file', 'loop', 'nowhere']);
    expect(fs.readFileSync(inBase('file'), 'utf8')).toBe('kept');
  });

  test.skipIf(!fs.existsSync('/proc/self'))('returns where Node never does', () => {
    expect(() => makeDirectory('/proc/lanewise/below')).toThrow(FileWriteError);
  });

  test('lets another process be faster', () => {
    const mkdir = fs.mkdirSync;
    vi.spyOn(fs, 'mkdirSync').mockImplementationOnce((directory) => {
      mkdir(directory);
      return mkdir(directory) as undefined;
    });
    expect(makeDirectory(inBase('runs', 'a'))).toEqual([inBase('runs', 'a')]);
    expect(fs.existsSync(inBase('runs', 'a'))).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)('refuses where it may not write', () => {
    fs.chmodSync(base, 0o755);
    try {
      process.seteuid!(65534);
      expect(() => makeDirectory(inBase('a'))).toThrow(/EACCES[\s\S]*hint:/);
    } finally {
      process.seteuid!(0);
    }
  });
});
