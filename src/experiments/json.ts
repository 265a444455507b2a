/** Reads JSON files and checks that they have the expected shape. */
import { CheckpointError } from '../index.js';
import { readFile } from './files.js';

/**
 * Returns a value of which the shape is right.
 *
 * @param place of the value in the file, `rows[2].label`; empty for the whole
 * @throws {Mismatch} saying what is expected
 */
export type Check<T> = (value: unknown, place: string) => T;

/** A value is not what is expected. Becomes a `CheckpointError` that names the file. */
class Mismatch extends Error {}

/** Ends a check. */
export function mismatch(place: string, problem: string): never {
  throw new Mismatch(place === '' ? `it ${problem}` : `${place} ${problem}`);
}

const refuse = (value: unknown, place: string, expected: string): never =>
  mismatch(place, `is ${shown(value)}, expected ${expected}`);

/**
 * Reads a JSON file.
 *
 * @param hint what to do about a damaged file
 * @returns null where there is no file
 * @throws {CheckpointError} naming the file, when it is not a file, cannot be read, is not JSON, or of another shape
 */
export function readJson<T>(file: string, check: Check<T>, hint: string): T | null {
  const bytes = readFile(file, hint);
  if (bytes === null) return null;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CheckpointError('is not text in UTF-8', { where: file, hint, cause });
  }
  return parseJson(text, check, { where: file, hint });
}

/** The same of a text. @throws {CheckpointError} when it is not JSON, or of another shape */
export function parseJson<T>(text: string, check: Check<T>, { where, hint }: { where: string; hint: string }): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError(`is not JSON: ${printable((cause as Error).message)}`, { where, hint, cause });
  }
  try {
    return check(value, '');
  } catch (cause) {
    if (!(cause instanceof Mismatch)) throw cause;
    throw new CheckpointError(`is damaged: ${cause.message}`, { where, hint, cause });
  }
}

// ---- Checks ----

export const text: Check<string> = (value, place) => (typeof value === 'string' ? value : refuse(value, place, 'text'));

export const flag: Check<boolean> = (value, place) =>
  typeof value === 'boolean' ? value : refuse(value, place, 'true or false');

/** A finite number in a range. (JSON.parse reads 1e999 as Infinity.) */
export function number(minimum = -Infinity, maximum = Infinity): Check<number> {
  return (value, place) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return refuse(value, place, 'a finite number');
    return value >= minimum && value <= maximum ? value : refuse(value, place, `a number ${rangeOf(minimum, maximum)}`);
  };
}

export function whole(minimum = 0, maximum: number = Number.MAX_SAFE_INTEGER): Check<number> {
  return (value, place) =>
    Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum
      ? (value as number)
      : refuse(value, place, `a whole number ${rangeOf(minimum, maximum)}`);
}

const rangeOf = (minimum: number, maximum: number): string =>
  maximum >= Number.MAX_SAFE_INTEGER ? `≥ ${minimum}` : `from ${minimum} to ${maximum}`;

/** From 0 to 1. */
export const share = number(0, 1);

/** A name that can be part of a path. */
export const fileName: Check<string> = (value, place) =>
  typeof value === 'string' && /^(?!\.*$)[\w.-]+$/.test(value)
    ? value
    : refuse(value, place, 'letters, digits, ., _ and -');

/** A moment as `Date.toISOString` writes it. */
export const moment: Check<string> = (value, place) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)
    ? value
    : refuse(value, place, 'a date and time');

export function oneOf<T extends string | number>(...values: readonly T[]): Check<T> {
  return (value, place) =>
    values.includes(value as T)
      ? (value as T)
      : refuse(value, place, values.map((each) => JSON.stringify(each)).join(' or '));
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, place) => (value === null ? null : check(value, place));
}

/** For fields that may be left out. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, place) => (value === undefined ? undefined : check(value, place));
}

export function listOf<T>(check: Check<T>, { least = 0, most = Infinity } = {}): Check<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) return refuse(value, place, 'a list');
    if (value.length < least || value.length > most)
      return mismatch(place, `has ${value.length} entries, expected ${rangeOf(least, most)}`);
    value.forEach((each, i) => check(each, `${place}[${i}]`));
    return value as readonly T[];
  };
}

export const object: Check<Readonly<Record<string, unknown>>> = (value, place) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse(value, place, 'an object');

/** An object with these fields; it may have others. */
export function fields<T extends object>(checks: { readonly [Name in keyof T]-?: Check<T[Name]> }): Check<T> {
  return (value, place) => {
    const given = object(value, place);
    for (const [name, check] of Object.entries(checks) as [string, Check<unknown>][]) {
      check(Object.hasOwn(given, name) ? given[name] : undefined, place === '' ? name : `${place}.${name}`);
    }
    return given as T;
  };
}

// ---- Messages ----

const LONGEST = 40;

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return printable(JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value));
}

/** Text from a file, safe for a terminal: control and bidirectional characters are written as `\u001b`. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
