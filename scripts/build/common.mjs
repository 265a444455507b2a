/** What the parts of the build share. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { LICENSES_BANNER } from './licenses.mjs';

export const HEADING = '// Made by scripts/build.mjs. Not kept in git.\n';

/** Runs one of the project's command line tools and rejects with its output when it fails. */
export function run(script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${path.basename(script)} ended with code ${code}`)),
    );
  });
}

export function filesBelow(folder, suffix) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((name) => name.endsWith(suffix))
    .sort();
}

/** What all bundles are made with. */
export const shared = {
  bundle: true,
  target: 'es2022',
  // Node prints the line that an uncaught error was thrown from.
  lineLimit: 160,
  legalComments: 'inline',
  logLevel: 'warning',
  metafile: true,
  banner: { js: LICENSES_BANNER },
};
