/**
 * `lanewise/formats` where there are files: in Node, Deno and Bun.
 *
 * @module lanewise/formats
 */
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import { encode, type FileEnding } from '../encode.js';
import { loadFrom } from '../load.js';
import type { Savable } from '../pytorch/write.js';
import type { Loaded, LoadOptions, Source } from '../types.js';
import { findFile, writeFile } from './files.node.js';

export * from '../public.js';

/** As in `lanewise/formats`, with paths. */
export function load(source: Source, options: LoadOptions = {}): Promise<Loaded> {
  return loadFrom(source, options, findFile);
}

/** As in `lanewise/formats`, with paths. */
export async function save(value: Savable, file: string | URL): Promise<void> {
  checkArguments('save(value=any, file="model.pt"|url)', value, file);
  const [, ending] = /\.(pth?|npz|npy|safetensors)$/.exec(String(file)) ?? [];
  if (ending === undefined) {
    throw new ArgumentError(`the name ${JSON.stringify(String(file))} does not say in which format`, {
      where: 'save',
      hint: 'let it end in .pt, .npz, .npy or .safetensors',
    });
  }
  writeFile(file, encode(value, ending === 'pth' ? 'pt' : (ending as FileEnding)));
}
