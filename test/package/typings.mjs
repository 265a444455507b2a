/**
 * The declarations of the package, as the compilers of its users read them: with their own lines checked too
 * (`skipLibCheck: false`), without @types/node, from the oldest compiler that is promised to the newest.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const PROGRAM = `import { DataLoader, fit, init, nn, optim, relu, tensor } from 'lanewise';
import { load } from 'lanewise/formats';
import { loadMnist } from 'lanewise/node';
import { exportOnnx, importOnnx } from 'lanewise/onnx';
import { resolveTrainSettings } from 'lanewise/recipes';
import * as slim from 'lanewise/slim';
import { trainInWorker } from 'lanewise/worker';

export async function main(): Promise<readonly number[]> {
  await init();
  const model = new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU());
  const { shape } = relu(model.forward(tensor([[1, 2, 3, 4]])));
  void [DataLoader, exportOnnx, fit, importOnnx, load, optim, loadMnist];
  void [resolveTrainSettings, slim.tensor, trainInWorker];
  // @ts-expect-error a layer takes numbers
  void new nn.Linear('4', 3);
  return shape;
}
`;

/** The ways of finding modules, each with the kind of modules that it goes with. */
const RESOLUTIONS = { node10: 'commonjs', nodenext: 'nodenext', bundler: 'esnext' };

/**
 * The compilers: the oldest that is promised, the last one that is written in JavaScript, and the one of this
 * repository.
 */
const COMPILERS = [
  { version: '5.2', resolutions: ['node10', 'nodenext', 'bundler'] },
  { version: '5.9', resolutions: ['node10', 'nodenext', 'bundler'] },
  { version: '7', resolutions: ['nodenext', 'bundler'] },
];

function compilerOf(version, root) {
  const folder =
    version === '7'
      ? path.join(root, 'node_modules/typescript')
      : path.join(import.meta.dirname, `node_modules/typescript-${version}`);
  if (!fs.existsSync(folder))
    throw Object.assign(new Error(`TypeScript ${version} is not installed`), { code: 'MODULE_NOT_FOUND' });
  return path.join(folder, 'bin/tsc');
}

export const typings = COMPILERS.map(({ version, resolutions }) => ({
  name: `types: TypeScript ${version}, skipLibCheck: false, without @types/node`,
  check: ({ root, scratch }) => {
    const compiler = compilerOf(version, root);
    const folder = path.join(scratch, `types-${version}`);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'main.ts'), PROGRAM);
    for (const moduleResolution of resolutions) {
      const compilerOptions = {
        target: 'es2022',
        lib: ['es2022', 'dom', 'dom.iterable'],
        module: RESOLUTIONS[moduleResolution],
        moduleResolution,
        strict: true,
        skipLibCheck: false,
        noEmit: true,
        types: [],
      };
      const settings = path.join(folder, 'tsconfig.json');
      fs.writeFileSync(settings, JSON.stringify({ compilerOptions, files: ['main.ts'] }));
      const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', settings], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${moduleResolution}: ${stdout}`);
    }
    return resolutions.join(', ');
  },
}));
