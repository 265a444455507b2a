/**
 * Images in a file: those of all pictures one after the other, then what they were made of, as JSON, its length and a
 * mark. It is written beside its name first: a file with the name is complete.
 */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { FileWriteError } from '../runtime/errors.js';
import type { ImageStore } from './build.js';

const MARK = 'lanewise images 1';
/** The length of the JSON, and the mark. */
const END = 4 + MARK.length;

interface About {
  readonly key: string;
  /** Pictures that could not be decoded, and why. */
  readonly failures: readonly (readonly [place: number, reason: string])[];
}

/** Images in a file that is open. */
export interface OpenCache extends ImageStore {
  readonly failures: ReadonlyMap<number, string>;
  close(): void;
}

/** What a cache is known by: all that decides the images. */
export const cacheKey = (facts: unknown): string => createHash('sha256').update(JSON.stringify(facts)).digest('hex');

/** Opens a cache; null where there is none of these images. */
export function openCache(file: string, key: string, count: number, size: number): OpenCache | null {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, 'r');
  } catch {
    return null;
  }
  const about = readAbout(descriptor, count * size);
  if (about?.key === key) return reader(descriptor, size, new Map(about.failures));
  fs.closeSync(descriptor);
  return null;
}

function readAbout(descriptor: number, start: number): About | null {
  const { size } = fs.fstatSync(descriptor);
  if (size < start + END) return null;
  const end = Buffer.alloc(size - start);
  if (end.length > 2 ** 28 || fs.readSync(descriptor, end, 0, end.length, start) !== end.length) return null;
  const length = end.readUInt32LE(end.length - END);
  if (end.toString('latin1', end.length - MARK.length) !== MARK || length !== end.length - END) return null;
  return JSON.parse(end.toString('utf8', 0, length)) as About;
}

function reader(descriptor: number, size: number, failures: ReadonlyMap<number, string>): OpenCache {
  return {
    failures,
    read(place, into) {
      if (fs.readSync(descriptor, into, 0, size, place * size) !== size) {
        throw new Error('the cache of the images was changed while it was read');
      }
    },
    close: () => fs.closeSync(descriptor),
  };
}

/** A cache that is being written. */
export interface CacheWriter {
  write(place: number, image: Uint8Array): void;
  /** Gives the file its name, and opens it. */
  finish(failures: ReadonlyMap<number, string>): OpenCache;
  /** Removes what was written. */
  abandon(): void;
}

/** @throws {FileWriteError} when the file cannot be written */
export function writeCache(file: string, key: string, count: number, size: number): CacheWriter {
  const directory = path.dirname(file);
  const temporary = path.join(directory, `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  const attempt = <T>(body: () => T): T => {
    try {
      return body();
    } catch (cause) {
      throw new FileWriteError(`cannot be written: ${(cause as Error).message}`, {
        where: file,
        hint: `is ${directory} a directory that you may write to, with room for ${count * size} bytes?`,
        cause,
      });
    }
  };
  const descriptor = attempt(() => {
    fs.mkdirSync(directory, { recursive: true });
    return fs.openSync(temporary, 'wx+');
  });
  return {
    write: (place, image) => {
      attempt(() => fs.writeSync(descriptor, image, 0, size, place * size));
    },
    finish: (failures) =>
      attempt(() => {
        const json = Buffer.from(JSON.stringify({ key, failures: [...failures] } satisfies About));
        const end = Buffer.alloc(END);
        end.writeUInt32LE(json.length);
        end.write(MARK, 4, 'latin1');
        fs.writeSync(descriptor, Buffer.concat([json, end]), 0, json.length + END, count * size);
        fs.fsyncSync(descriptor);
        fs.renameSync(temporary, file);
        return reader(descriptor, size, failures);
      }),
    abandon: () => {
      fs.closeSync(descriptor);
      fs.rmSync(temporary, { force: true });
    },
  };
}
