/** Loads models of one or several files, from wherever they are. */

import { checkArguments } from '../runtime/arguments.js';
import { bytesOf } from '../runtime/bytes.js';
import { ArgumentError, FileFormatError } from '../runtime/errors.js';
import { Budget } from './budget.js';
import { decodeWith } from './decode.js';
import { kindOf } from './kinds.js';
import { isIndex, readSharded } from './sharded.js';
import { isTfjs, readTfjs } from './tfjs/read.js';
import type { Loaded, LoadOptions, Source } from './types.js';

/** Where the files of a model are. */
export interface Place {
  /** Of the first file, for messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Reads another file next to it; undefined where nothing is. */
  readonly sibling?: (name: string) => Promise<{ name: string; bytes: Uint8Array }>;
}

/** Finds a path or address. */
export type Finder = (source: string | URL) => Promise<Place>;

/** The largest JSON file that is read. */
const LONGEST_JSON = 64 * 2 ** 20;

const LOAD =
  'load(source="model.pt"|url|bytes|file, { key: "model_state_dict", files: state, lossy: true, limit: 0, ' +
  'name: "model.pt" })';

/** Loads a source, with `find` for paths and addresses. */
export async function loadFrom(source: Source, options: LoadOptions, find: Finder): Promise<Loaded> {
  checkArguments(LOAD, source, options);
  const place = await placeOf(source, find);
  const file = options.name ?? place.name;
  const budgetOf = (name: string, bytes: number) => new Budget(name, bytes, options.limit);
  if (kindOf(place.bytes) !== 'json') return decodeWith(place.bytes, options, budgetOf(file, place.bytes.length));
  const json = parseJson(place.bytes, file);
  const sibling = siblingOf(place, file, options.files);
  if (isIndex(json)) return readSharded(json, file, sibling, options, budgetOf);
  const lossy = options.lossy === true;
  if (isTfjs(json)) return readTfjs(json, file, sibling, lossy, (bytes) => budgetOf(file, place.bytes.length + bytes));
  throw new FileFormatError('it is JSON, but neither the index of safetensors files nor a model of TensorFlow.js', {
    file,
  });
}

async function placeOf(source: Source, find: Finder): Promise<Place> {
  if (typeof source === 'string' || source instanceof URL) return find(source);
  if (source instanceof Blob)
    return { name: (source as Partial<File>).name ?? 'file', bytes: new Uint8Array(await source.arrayBuffer()) };
  return { name: 'file', bytes: bytesOf(source, 'load') };
}

function parseJson(bytes: Uint8Array, file: string): object {
  if (bytes.length > LONGEST_JSON)
    throw new FileFormatError(`it is JSON of ${bytes.length} bytes; at most ${LONGEST_JSON} are read`, { file });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as object;
  } catch (cause) {
    throw new FileFormatError(`it is not valid JSON: ${(cause as Error).message}`, { file, cause });
  }
}

/** Reads another file of the model: one that was given, or that is next to the first. */
function siblingOf(place: Place, file: string, files: LoadOptions['files']): NonNullable<Place['sibling']> {
  return async (name) => {
    if (!isPlainName(name)) {
      throw new FileFormatError(`it names the file ${JSON.stringify(name)}; only files next to it or below are read`, {
        file,
      });
    }
    if (files !== undefined && Object.hasOwn(files, name)) {
      const given = files[name]!;
      return {
        name,
        bytes: given instanceof Blob ? new Uint8Array(await given.arrayBuffer()) : bytesOf(given, 'load'),
      };
    }
    if (files !== undefined || place.sibling === undefined)
      throw new ArgumentError(`${file} needs the file ${JSON.stringify(name)}`, {
        where: 'load',
        hint: 'pass { files: { [name]: bytes } }',
      });
    return place.sibling(name);
  };
}

/** Whether a name leads nowhere but to a file in the same folder or below. */
const isPlainName = (name: string): boolean =>
  /^[\w .()+@,=~-]+(\/[\w .()+@,=~-]+)*$/.test(name) && !name.split('/').some((part) => /^\.+$/.test(part.trim()));
