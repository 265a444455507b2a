/** Writes the modules that carry the decoders of JPEG and WebP: libjpeg-turbo and libwebp, compiled to WebAssembly. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { HEADING } from './common.mjs';
import { DECODER_FILES } from './decoderFiles.mjs';
import { compressLzma } from './lzma.mjs';

const STAMP = 'build/decoders.digest';

const DECODERS = DECODER_FILES.map((wasm) => {
  const name = path.basename(wasm, '.wasm');
  return { name, wasm, module: `src/images/${name}.generated.ts` };
});

/** Compressing takes seconds: modules that are there and of the same files stay. */
export function buildDecoders() {
  const hash = createHash('sha256');
  for (const file of [...DECODER_FILES, 'scripts/build/lzma.mjs']) hash.update(fs.readFileSync(file));
  const digest = hash.digest('hex');
  const fresh = DECODERS.every(({ module }) => fs.existsSync(module)) && fs.existsSync(STAMP);
  if (fresh && fs.readFileSync(STAMP, 'utf8') === digest) return;
  for (const { name, wasm, module } of DECODERS) {
    const text = Buffer.from(compressLzma(fs.readFileSync(wasm))).toString('base64');
    fs.writeFileSync(
      module,
      `${HEADING}/** ${name}.wasm of the package @cwasm/${name}, compressed as LZMA, in base64. */\n` +
        `export const decoderText: string =\n  '${text}';\n`,
    );
  }
  fs.mkdirSync('build', { recursive: true });
  fs.writeFileSync(STAMP, digest);
}
