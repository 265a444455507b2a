// Runs a program of examples/ on the built library: node scripts/example.mjs NAME
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, 'examples');
const [name] = process.argv.slice(2);
const names = fs
  .readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.basename(file, '.ts'));

if (names.includes(name)) {
  const { code } = await esbuild.transform(fs.readFileSync(path.join(folder, `${name}.ts`), 'utf8'), {
    loader: 'ts',
    format: 'esm',
    target: 'es2022',
  });
  // Inside the package, so that it finds `lanewise` by its name, as a program that installed it does.
  const program = path.join(root, 'build/examples', `${name}.mjs`);
  fs.mkdirSync(path.dirname(program), { recursive: true });
  fs.writeFileSync(program, code);
  await import(pathToFileURL(program).href);
} else {
  console.error(
    `${name === undefined ? 'which example?' : `there is no example ${name}:`} choose one of ${names.join(', ')}`,
  );
  process.exitCode = 2;
}
