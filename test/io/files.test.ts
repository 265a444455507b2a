import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CheckpointError, FileWriteError, MissingDataError } from '../../src/index.js';
import { readRegularFile, removeUnfinished, writeFileAtomic } from '../../src/node/index.js';

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-files-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(directory, { recursive: true });
});

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
    expect(() => writeFileAtomic(file, 'x')).toThrow(
      /last: cannot be written: ENOENT[\s\S]*hint: is .*missing a directory/,
    );
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

  test.each(['writeFileSync', 'fsyncSync', 'closeSync', 'renameSync'] as const)(
    'a disk that fails at %s leaves the old contents and no rest',
    (call) => {
      const file = path.join(directory, 'last');
      writeFileAtomic(file, 'old');
      const original = fs[call] as (...args: unknown[]) => void;
      vi.spyOn(fs, call).mockImplementationOnce((...args: unknown[]) => {
        if (call === 'closeSync') original(...args);
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      });
      expect(() => writeFileAtomic(file, 'new')).toThrow(/last: cannot be written: ENOSPC[\s\S]*with room left/);
      expect(fs.readFileSync(file, 'utf8')).toBe('old');
      expect(fs.readdirSync(directory)).toEqual(['last']);
    },
  );

  test('what a kill left of it is removed, for the names given', () => {
    const kept = ['.last.tmp', '.last.0g.tmp', '.other.0123456789ab.tmp', 'last.0123456789ab.tmp', 'last'];
    for (const name of [...kept, '.last.0123456789ab.tmp', '.metrics.jsonl.00ff.tmp'])
      fs.writeFileSync(path.join(directory, name), '');
    fs.mkdirSync(path.join(directory, '.last.ab.tmp'));
    removeUnfinished(directory, ['last', 'metrics.jsonl']);
    expect(fs.readdirSync(directory).sort()).toEqual([...kept, '.last.ab.tmp'].sort());
    removeUnfinished(path.join(directory, 'missing'), ['last']);
  });
});

describe('readRegularFile', () => {
  const at = (name: string) => path.join(directory, name);

  test('reads a file, empty or not, and through a link', () => {
    fs.writeFileSync(at('a'), Uint8Array.of(1, 2, 3));
    fs.writeFileSync(at('empty'), '');
    fs.symlinkSync('a', at('link'));
    expect([...readRegularFile(at('a'))]).toEqual([1, 2, 3]);
    expect([...readRegularFile(at('link'))]).toEqual([1, 2, 3]);
    expect(readRegularFile(at('empty')).length).toBe(0);
    const large = new Uint8Array(1_000_003).map((_, i) => i % 251);
    fs.writeFileSync(at('large'), large);
    expect(Buffer.compare(readRegularFile(at('large')), large)).toBe(0);
  });

  test.skipIf(!fs.existsSync('/proc/self/status'))('reads a file whose size the system states as 0', () => {
    expect(fs.statSync('/proc/self/status').size).toBe(0);
    expect(new TextDecoder().decode(readRegularFile('/proc/self/status'))).toMatch(/^Name:[\s\S]*Threads:/);
    expect(() => readRegularFile('/proc/self/status', { limit: 10 })).toThrow(/more than the 10 bytes that are read/);
  });

  test('reads no more than it is told', () => {
    fs.writeFileSync(at('a'), 'abc');
    expect(readRegularFile(at('a'), { limit: 3 }).length).toBe(3);
    expect(() => readRegularFile(at('a'), { limit: 2 })).toThrow(
      /a: cannot be read: it has 3 bytes, more than the 2 that are read/,
    );
    fs.truncateSync(at('a'), 2 ** 32);
    expect(() => readRegularFile(at('a'))).toThrow(/it has 4294967296 bytes, more than the 2147483647/);
  });

  test('names the file that is missing or unreadable, with the error asked for', () => {
    expect(() => readRegularFile(at('none'))).toThrow(MissingDataError);
    expect(() => readRegularFile(at('none'), { error: CheckpointError, hint: 'look elsewhere' })).toThrow(
      CheckpointError,
    );
    expect(() => readRegularFile(at('none'), { hint: 'look elsewhere' })).toThrow(
      /none: cannot be read: ENOENT[\s\S]*hint: look elsewhere/,
    );
    fs.symlinkSync('nowhere', at('dangling'));
    fs.symlinkSync('loop', at('loop'));
    expect(() => readRegularFile(at('dangling'))).toThrow(/dangling: cannot be read: ENOENT/);
    expect(() => readRegularFile(at('loop'))).toThrow(/loop: cannot be read: ELOOP/);
    expect(() => readRegularFile(at('x'.repeat(300)))).toThrow(/cannot be read: ENAMETOOLONG/);
    expect(() => readRegularFile('a\0b')).toThrow(MissingDataError);
  });

  test.skipIf(process.platform === 'win32')('refuses at once what is not a file', async () => {
    spawnSync('mkfifo', [at('pipe')]);
    fs.symlinkSync('pipe', at('to-pipe'));
    const server = net.createServer().listen(at('socket'));
    await new Promise((resolve) => {
      server.on('listening', resolve);
    });
    expect(() => readRegularFile(directory)).toThrow(/it is a directory, not a file/);
    expect(() => readRegularFile(at('pipe'))).toThrow(/pipe: cannot be read: it is a named pipe, not a file/);
    expect(() => readRegularFile(at('to-pipe'))).toThrow(/it is a named pipe/);
    expect(() => readRegularFile(at('socket'))).toThrow(/it is a socket/);
    expect(() => readRegularFile('/dev/zero')).toThrow(/it is a device/);
    server.close();
  });

  test.skipIf(process.platform === 'win32')(
    'refuses a pipe that takes the place of the file just before it is opened',
    () => {
      fs.writeFileSync(at('a'), 'abc');
      const { statSync } = fs;
      vi.spyOn(fs, 'statSync').mockImplementationOnce(((file: string) => {
        const stats = statSync(file);
        fs.rmSync(file);
        spawnSync('mkfifo', [file]);
        return stats;
      }) as typeof fs.statSync);
      expect(() => readRegularFile(at('a'))).toThrow(/it is a named pipe/);
    },
  );
});
