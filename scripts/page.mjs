// Builds the page (src/browser/) with Vite into dist/page/, with what its bench needs.
import path from 'node:path';
import { build } from 'vite';
import { buildCeilings } from '../bench/buildCeilings.mjs';

const root = path.resolve(import.meta.dirname, '..');
const page = path.join(root, 'src/browser');

// Errors and layers tell their class by its name, also across workers.
const output = { keepNames: true };

/** To be called once the kernels are built. */
export async function buildPage() {
  buildCeilings();
  await build({
    configFile: false,
    root: page,
    // It may be served below any path.
    base: './',
    publicDir: false,
    logLevel: 'error',
    worker: { format: 'es', rolldownOptions: { output } },
    build: {
      outDir: path.join(root, 'dist/page'),
      emptyOutDir: true,
      target: 'es2022',
      // Nothing as a data: address, which the server's Content-Security-Policy does not let the page fetch.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1024,
      rolldownOptions: { input: { index: path.join(page, 'index.html'), bench: path.join(page, 'bench/index.html') }, output },
    },
  });
}
