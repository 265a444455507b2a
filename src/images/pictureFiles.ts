/** Which files of a folder are pictures, of which classes, and to train or to evaluate on. */
import { MissingDataError } from '../runtime/errors.js';

/** A file longer than this is not read: compressed pixels are never much longer than the pixels. */
export const MOST_FILE_BYTES = 2 ** 27;

/** A picture of a folder. */
export interface PictureFile {
  /** Its place in the list of paths. */
  readonly index: number;
  /** Below the folder, with `/` between folders. */
  readonly path: string;
  readonly label: number;
  readonly isTest: boolean;
}

/** What is in a folder of pictures. */
export interface PictureFiles {
  /** Names of the classes, in the order of their characters' codes. */
  readonly classes: readonly string[];
  /** The pictures, in the order of their paths. */
  readonly pictures: readonly PictureFile[];
  /** Whether there are folders to train and to evaluate on. */
  readonly hasParts: boolean;
  readonly notes: readonly string[];
}

const PICTURE = /\.(png|jpe?g|webp)$/i;
const TRAIN = ['train', 'training'];
/** The first of these that is there is evaluated on. */
const TEST = ['test', 'testing', 'val', 'valid', 'validation'];

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * What the paths below a folder say: a folder is a class, with its pictures in it or in folders below it; or there are
 * folders `train` and `test` (or `val`) with such folders. Names that begin with a dot do not count.
 *
 * @param where the folder, for error messages
 * @param given the classes, in their order; undefined: all folders
 * @throws {MissingDataError} when no class has a picture, or there are folders of other classes
 */
export function pictureFilesOf(paths: readonly string[], where: string, given?: readonly string[]): PictureFiles {
  const hidden = (parts: readonly string[]) => parts.some((part) => part.startsWith('.') || part === '__MACOSX');
  const files = paths
    .map((path, index) => ({ index, path, parts: path.split('/') }))
    .filter(({ parts }) => !hidden(parts))
    .sort((a, b) => byCode(a.path, b.path));
  const pictures = files.filter(({ path }) => PICTURE.test(path));
  const inFolders = pictures.filter(({ parts }) => parts.length > 1);
  const others = files.length - pictures.length;
  const loose = pictures.length - inFolders.length;
  const folders = new Set(inFolders.map(({ parts }) => parts[0]!));
  const known = [...folders].every((name) => [...TRAIN, ...TEST].includes(name.toLowerCase()));
  const train = [...folders].find((name) => TRAIN.includes(name.toLowerCase()));
  const hasParts = known && train !== undefined && inFolders.every(({ parts }) => parts.length > 2);
  const held = TEST.flatMap((name) => [...folders].filter((folder) => folder.toLowerCase() === name));
  const [test] = held;
  const used = hasParts ? inFolders.filter(({ parts }) => parts[0] === train || parts[0] === test) : inFolders;
  const classOf = (parts: readonly string[]): string => parts[hasParts ? 1 : 0]!;
  const trained = hasParts ? used.filter(({ parts }) => parts[0] === train) : used;
  const classes = given ?? [...new Set(trained.map(({ parts }) => classOf(parts)))].sort(byCode);
  if (trained.length === 0)
    throw new MissingDataError('no folder in it has a PNG, JPEG or WebP picture', {
      where,
      hint: 'a class is a folder: cat/1.jpg, cat/2.jpg, dog/1.jpg',
    });
  const labels = new Map(classes.map((name, label) => [name, label]));
  const unknown = [...new Set(used.map(({ parts }) => classOf(parts)).filter((name) => !labels.has(name)))];
  if (unknown.length > 0)
    throw new MissingDataError(
      given === undefined
        ? `${test} has a class that ${train} has not: ${unknown[0]}`
        : `the folder ${unknown[0]} is none of the classes ${classes.join(', ')}`,
      { where, hint: 'a folder is a class' },
    );
  const ignored = hasParts ? held.slice(1) : [];
  return {
    classes,
    pictures: used.map(({ index, path, parts }) => ({
      index,
      path,
      label: labels.get(classOf(parts))!,
      isTest: hasParts && parts[0] === test,
    })),
    hasParts: hasParts && test !== undefined,
    notes: [
      ...(loose > 0 ? [`${loose} of the pictures are in no class's folder, and are not used`] : []),
      ...(others > 0 ? [`${others} of the files are no PNG, JPEG or WebP, and are not used`] : []),
      ...ignored.map((name) => `the pictures in ${name} are not used: those in ${test} are evaluated on`),
    ],
  };
}
