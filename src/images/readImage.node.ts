/** Pictures from files. */
import type { Picture } from '../data/image.js';
import { checkArguments } from '../runtime/arguments.js';
import { readRegularFile } from '../runtime/readFile.node.js';
import { MOST_FILE_BYTES } from './pictureFiles.js';

/**
 * Reads a picture: PNG, JPEG or WebP, as `decodeImage` of `lanewise/images` decodes it.
 *
 * @throws {MissingDataError} when the file cannot be read, is not a regular file, or has more than 2²⁷ bytes
 * @throws {FileFormatError} when it is of another kind, damaged, or larger than 2²⁴ pixels
 */
export async function readImage(file: string): Promise<Picture> {
  checkArguments('readImage(file="photo.jpg")', file);
  const bytes = readRegularFile(file, { limit: MOST_FILE_BYTES, hint: 'give the names of PNG, JPEG or WebP files' });
  // The decoders are in a part of their own, which programs without pictures never load.
  const { decodeImage } = await import('./decode.js');
  return decodeImage(bytes, file);
}
