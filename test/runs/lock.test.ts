import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CheckpointError, FileWriteError } from '../../src/index.js';
import { LockedError, takeLock } from '../../src/node/index.js';

let directory: string;
let lock: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-lock-'));
  lock = path.join(directory, 'lock');
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(directory, { recursive: true });
});

const { pid: dead } = spawnSync(process.execPath, ['-e', '']);
const held = (pid: number, host = os.hostname()) => JSON.stringify({ pid, host, began: null });
const names = () => fs.readdirSync(directory).sort();

const BUILT = path.resolve(import.meta.dirname, '../../dist/node.js');

/** The error of `takeLock`, which must come at once. */
function refusal(file = lock): Error {
  const since = performance.now();
  try {
    takeLock(file)();
  } catch (error) {
    expect(performance.now() - since).toBeLessThan(3000);
    return error as Error;
  }
  return expect.fail('it was taken');
}

/** A full disk: files can be made, but nothing can be written to them. */
function fillDisk(): void {
  const { writeFileSync } = fs;
  vi.spyOn(fs, 'writeFileSync').mockImplementation((file, _contents, options) => {
    writeFileSync(file, '', options);
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  });
}

test('is a file while it is held, and nothing else', () => {
  const release = takeLock(lock);
  expect(names()).toEqual(['lock']);
  expect(JSON.parse(fs.readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid, host: os.hostname() });
  const error = refusal();
  expect(error).toBeInstanceOf(LockedError);
  expect(error).toBeInstanceOf(CheckpointError);
  expect(error).toMatchObject({ name: 'LockedError', code: 'LANEWISE_LOCKED', where: lock });
  release();
  expect(names()).toEqual([]);
  takeLock(lock)();
});

test('does not remove the lock of another process on release', () => {
  const release = takeLock(lock);
  fs.writeFileSync(lock, held(1, 'elsewhere'));
  release();
  expect(names()).toEqual(['lock']);
});

describe('what is not a lock is refused at once, and left alone', () => {
  test.skipIf(process.platform === 'win32').each<[string, () => void, RegExp]>([
    [
      'a directory',
      () => fs.mkdirSync(lock),
      /lock: cannot be read: it is a directory, not a file\n {2}hint: remove it/,
    ],
    [
      'a link to nothing',
      () => fs.symlinkSync('/nowhere/at/all', lock),
      /lock: this is a symbolic link that leads nowhere, not a lock\n {2}hint: remove it/,
    ],
    ['a link to itself', () => fs.symlinkSync('lock', lock), /lock: cannot be read: ELOOP/],
    ['a link to a directory', () => fs.symlinkSync('.', lock), /it is a directory/],
    [
      'a named pipe',
      () => {
        spawnSync('mkfifo', [lock]);
      },
      /it is a named pipe, not a file/,
    ],
    ['a device', () => fs.symlinkSync('/dev/zero', lock), /it is a device, not a file/],
    [
      'a text',
      () => fs.writeFileSync(lock, 'my notes'),
      /this is not a lock of lanewise\n {2}hint: if no other process works/,
    ],
    ['a lock that was damaged', () => fs.writeFileSync(lock, held(dead).slice(1)), /this is not a lock/],
    ['a lock without a process', () => fs.writeFileSync(lock, held(-1)), /this is not a lock/],
    ['JSON of something else', () => fs.writeFileSync(lock, 'null'), /this is not a lock/],
    ['a long file', () => fs.writeFileSync(lock, ' '.repeat(5000)), /it has 5000 bytes/],
  ])('%s', (_what, put, message) => {
    put();
    const before = fs.lstatSync(lock);
    const error = refusal();
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error).not.toBeInstanceOf(LockedError);
    expect(error.message).toMatch(message);
    expect(fs.lstatSync(lock)).toEqual({
      ...before,
      atime: expect.anything() as Date,
      atimeMs: expect.anything() as number,
    });
    expect(names()).toEqual(['lock']);
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('a file that cannot be read', () => {
    fs.writeFileSync(lock, held(dead), { mode: 0 });
    expect(refusal().message).toMatch(/cannot be read: EACCES/);
  });

  test('the same goes for the guard of a takeover', () => {
    fs.writeFileSync(lock, held(dead));
    fs.mkdirSync(`${lock}.takeover`);
    expect(refusal().message).toMatch(/lock\.takeover: cannot be read: it is a directory/);
    expect(names()).toEqual(['lock', 'lock.takeover']);
  });
});

describe('a directory that cannot be written to', () => {
  test('is reported with the name of the lock', () => {
    expect(refusal(path.join(directory, 'missing', 'lock'))).toBeInstanceOf(FileWriteError);
    expect(refusal(path.join(directory, 'x'.repeat(300))).message).toMatch(/ENAMETOOLONG[\s\S]*hint: /);
    fs.writeFileSync(path.join(directory, 'file'), '');
    expect(refusal(path.join(directory, 'file', 'lock')).message).toMatch(/cannot be written: ENOTDIR/);
  });

  test.skipIf(!fs.existsSync('/proc/self'))('is reported below /proc', () => {
    expect(refusal('/proc/lock')).toBeInstanceOf(FileWriteError);
    expect(refusal('/proc/self/lock')).toBeInstanceOf(FileWriteError);
  });

  test('because it is full, has no empty lock afterwards', () => {
    fillDisk();
    const error = refusal();
    expect(error).toBeInstanceOf(FileWriteError);
    expect(error.message).toMatch(/lock: cannot be written: ENOSPC[\s\S]*with room left/);
    expect(names()).toEqual([]);
    vi.restoreAllMocks();
    takeLock(lock)();
  });
});

describe('of a process that is gone', () => {
  test.each([
    ['a process that ended', () => held(dead)],
    ['a kill before it was written', () => ''],
    ['a power cut', () => '\0'.repeat(60)],
  ])('is taken over: %s', (_what, contents) => {
    fs.writeFileSync(lock, contents());
    const release = takeLock(lock);
    expect(JSON.parse(fs.readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid });
    release();
    expect(names()).toEqual([]);
  });

  test('is taken over though the clock was set back, and through a link', () => {
    fs.writeFileSync(path.join(directory, 'other'), '');
    fs.utimesSync(path.join(directory, 'other'), new Date(2 ** 41), new Date(2 ** 41));
    fs.symlinkSync('other', lock);
    takeLock(lock)();
    expect(names()).toEqual(['other']);
  });

  test('is taken over after a kill within a takeover, and within that of the takeover', () => {
    for (const name of ['lock', 'lock.takeover', 'lock.takeover.takeover'])
      fs.writeFileSync(path.join(directory, name), held(dead));
    takeLock(lock)();
    expect(names()).toEqual([]);
  });

  test('is left to the process that took it over a moment before', () => {
    fs.writeFileSync(lock, held(dead));
    const { kill } = process;
    vi.spyOn(process, 'kill').mockImplementationOnce((pid, signal) => {
      fs.writeFileSync(lock, held(process.ppid)); // After this one read it, and before it acts on what it read.
      return kill.call(process, pid, signal);
    });
    expect(refusal().message).toMatch(new RegExp(`process ${process.ppid} works in this directory`));
    expect([fs.readFileSync(lock, 'utf8'), names()]).toEqual([held(process.ppid), ['lock']]);
  });

  test('is not taken over while another process does that', () => {
    fs.writeFileSync(lock, held(dead));
    fs.writeFileSync(`${lock}.takeover`, held(process.ppid));
    expect(refusal()).toBeInstanceOf(LockedError);
    expect(names()).toEqual(['lock', 'lock.takeover']);
  });

  test('leaves no files behind, unless their process is alive', () => {
    const left = [
      `.lock.${dead}.0123456789ab.tmp`,
      '.lock.0123456789ab.tmp',
      `.lock.takeover.${dead}.0123456789ab.tmp`,
      `lock.${dead}.stale`,
      'lock.takeover',
      'lock.takeover.takeover',
    ];
    const kept = [
      `.lock.${process.ppid}.0123456789ab.tmp`,
      '.lock.mine.tmp',
      '.other.0123456789ab.tmp',
      'lock.stale',
      'lock.txt',
      `lock.${process.ppid}.stale`,
    ];
    for (const name of [...left, ...kept]) fs.writeFileSync(path.join(directory, name), held(dead));
    const old = `.lock.${process.ppid}.ba9876543210.tmp`;
    fs.writeFileSync(path.join(directory, old), '');
    fs.utimesSync(path.join(directory, old), new Date(0), new Date(0));
    takeLock(lock)();
    expect(names()).toEqual(kept.sort());
  });
});

describe('on a file system without hard links', () => {
  beforeEach(() => {
    vi.spyOn(fs, 'linkSync').mockImplementation(() => {
      throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
    });
  });

  test('works too', () => {
    const release = takeLock(lock);
    expect(names()).toEqual(['lock']);
    expect(refusal()).toBeInstanceOf(LockedError);
    release();
    fs.writeFileSync(lock, held(dead));
    takeLock(lock)();
    expect(names()).toEqual([]);
  });

  test('is not left empty by a full disk', () => {
    const { writeFileSync } = fs;
    vi.spyOn(fs, 'writeFileSync').mockImplementation((file, contents, options) => {
      if (typeof file === 'string') return writeFileSync(file, contents, options);
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
    expect(refusal().message).toMatch(/ENOSPC/);
    expect(names()).toEqual([]);
  });
});

test('one process at a time holds it, also when several take it over from one that is gone', async () => {
  // Each holder makes a file that only one can make; every other one leaves a lock of a process that is gone.
  const code = `
    import fs from 'node:fs';
    import os from 'node:os';
    const { takeLock, LockedError } = await import(${JSON.stringify(BUILT)});
    const [lock, inside] = [${JSON.stringify(lock)}, ${JSON.stringify(path.join(directory, 'inside'))}];
    let taken = 0;
    while (!fs.existsSync(lock)) await new Promise(setImmediate);
    for (const end = Date.now() + 1500; Date.now() < end;) {
      let release;
      try { release = takeLock(lock); } catch (error) {
        if (!(error instanceof LockedError)) throw error;
        continue;
      }
      fs.writeFileSync(inside, '', { flag: 'wx' });
      if (taken % 8 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      fs.rmSync(inside);
      if (taken++ % 2 === 0) fs.writeFileSync(lock, JSON.stringify({ pid: ${dead}, host: os.hostname(), began: null }));
      release();
    }
    console.log(taken);`;
  const processes = Array.from(
    { length: 4 },
    () =>
      new Promise<{ code: number | null; taken: number; errors: string }>((resolve) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        let [out, errors] = ['', ''];
        child.stdout.on('data', (text) => {
          out += String(text);
        });
        child.stderr.on('data', (text) => {
          errors += String(text);
        });
        child.on('close', (status) => resolve({ code: status, taken: Number(out), errors }));
      }),
  );
  fs.writeFileSync(lock, held(dead));
  const results = await Promise.all(processes);
  expect(results.map(({ errors }) => errors).join('')).toBe('');
  expect(results.map(({ code: status }) => status)).toEqual([0, 0, 0, 0]);
  expect(results.reduce((sum, { taken }) => sum + taken, 0)).toBeGreaterThan(10);
  takeLock(lock)();
  expect(names()).toEqual([]);
});
