/** Compiles the kernels, and writes what the library has of them: typings, and modules that carry them. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { filesBelow, HEADING, run } from './common.mjs';
import { compressLzma } from './lzma.mjs';
import { shareTable, typings } from './typings.mjs';
import { renumberLocals } from './wasm-locals.mjs';
import { splitWasm } from './wasm-streams.mjs';

/** What the kernels and their modules depend on besides assembly/. */
const MAKERS = [
  'asconfig.json',
  ...[
    'common',
    'drop-asserts',
    'kernel-interface',
    'kernels',
    'lzma',
    'typings',
    'wasm',
    'wasm-locals',
    'wasm-streams',
  ].map((name) => `scripts/build/${name}.mjs`),
];

/** A digest of all that the kernels are made from, so that an unchanged source is not compiled again. */
function kernelSourcesDigest() {
  const hash = createHash('sha256');
  const compiler = JSON.parse(fs.readFileSync('node_modules/assemblyscript/package.json', 'utf8')).version;
  hash.update(compiler);
  for (const name of [...MAKERS, ...filesBelow('assembly', '.ts')]) {
    hash.update(name).update('\0').update(fs.readFileSync(name)).update('\0');
  }
  return hash.digest('hex');
}

/** The builds of the kernels, the first of which gives the typings; each is carried in a module of its own. */
const VARIANTS = ['baseline', 'relaxed', 'wide'];
const wasmFile = (variant) => (variant === 'baseline' ? 'kernels.wasm' : `kernels.${variant}.wasm`);

const MARK = 'lanewise';

/** A custom section that names the sources of a module and the variant. */
function markSection(text) {
  const contents = Buffer.from(`${String.fromCharCode(MARK.length)}${MARK}${text}`);
  return Buffer.from([0, contents.length, ...contents]);
}

/** The transforms of asc. */
const INTERFACE = './scripts/build/kernel-interface.mjs';
const DROP_ASSERTS = './scripts/build/drop-asserts.mjs';

function compile(target, transforms = []) {
  return run('node_modules/assemblyscript/bin/asc.js', [
    '--config',
    'asconfig.json',
    '--target',
    target,
    ...transforms.flatMap((file) => ['--transform', file]),
  ]);
}

/** A module that carries kernels. */
function carriedModule(file) {
  const compressed = Buffer.from(compressLzma(splitWasm(fs.readFileSync(`build/${file}`))));
  return (
    `${HEADING}/** ${file}, in streams, compressed as LZMA, in base64. */\nexport const kernelsText: ` +
    `string =\n  '${compressed.toString('base64')}';\n`
  );
}

/** Builds the kernels, unless those that are there are made of the same. */
export async function buildKernels() {
  const generated = 'src/runtime/kernels.generated.ts';
  const generatedVariant = (variant) => `src/runtime/kernels.${variant}.generated.ts`;
  const stamp = 'build/kernels.digest';
  const digest = kernelSourcesDigest();
  const fresh =
    fs.existsSync(stamp) &&
    fs.readFileSync(stamp, 'utf8') === digest &&
    [generated, ...VARIANTS.map(generatedVariant)].every((file) => fs.existsSync(file));
  if (!fresh) {
    fs.mkdirSync('build', { recursive: true });
    await Promise.all(
      VARIANTS.map((target) => compile(target, target === VARIANTS[0] ? [INTERFACE, DROP_ASSERTS] : [DROP_ASSERTS])),
    );
    for (const variant of VARIANTS) {
      const file = `build/${wasmFile(variant)}`;
      const mark = markSection(`${digest.slice(0, 16)} ${variant}`);
      fs.writeFileSync(file, Buffer.concat([renumberLocals(fs.readFileSync(file)), mark]));
    }
    const described = JSON.parse(fs.readFileSync('build/kernels.json', 'utf8'));
    fs.writeFileSync(
      generated,
      `${HEADING}import type { Address, OptionalAddress, RecordAddress } from './address.js';\nimport ` +
        `type { ShareKernel } from './shares.js';\n\n` +
        typings(described) +
        shareTable(described, fs.readFileSync('build/kernels.wasm')) +
        `\n/** What the section "${MARK}" of the kernels that belong to this JavaScript begins with. ` +
        `*/\nexport const kernelsMark = '${digest.slice(0, 16)}';\n`,
    );
    for (const variant of VARIANTS) fs.writeFileSync(generatedVariant(variant), carriedModule(wasmFile(variant)));
    fs.writeFileSync(stamp, digest);
  }
  fs.mkdirSync('dist', { recursive: true });
  for (const file of VARIANTS.map(wasmFile)) fs.copyFileSync(`build/${file}`, `dist/${file}`);
}

/** build/kernels.debug.wasm, which asserts preconditions. */
export const buildDebugKernels = () => compile('debug');
