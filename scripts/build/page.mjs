// Builds the page (src/browser/) with Vite into dist/page/, with what its bench needs.
import path from 'node:path';
import { build } from 'vite';
import { LICENSES_BANNER, recordPage } from './licenses.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const page = path.join(root, 'src/browser');

// Errors and layers tell their class by its name, also across workers.
const output = { keepNames: true, postBanner: LICENSES_BANNER };

/** The page starts workers of its own: it needs neither the script of lanewise's, nor kernels outside of them. */
const ownWorkers = {
  name: 'own-workers',
  load: (id) => {
    const [, name] = /(workerScript|kernels\.baseline)\.generated\.ts$/.exec(id) ?? [];
    return name === undefined
      ? null
      : `export const ${name === 'workerScript' ? 'workerScript' : 'kernelsText'} = '';\n`;
  },
};

/** To be called once the kernels are built. */
export async function buildPage() {
  const record = recordPage();
  await build({
    configFile: false,
    root: page,
    // It may be served below any path.
    base: './',
    publicDir: false,
    plugins: [ownWorkers, record],
    logLevel: 'error',
    worker: { format: 'es', plugins: () => [record], rolldownOptions: { output } },
    build: {
      outDir: path.join(root, 'dist/page'),
      emptyOutDir: true,
      target: 'es2022',
      // Nothing as a data: address, which the server's Content-Security-Policy does not let the page fetch.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1024,
      rolldownOptions: {
        input: { index: path.join(page, 'index.html'), bench: path.join(page, 'bench/index.html') },
        output,
      },
    },
  });
}
