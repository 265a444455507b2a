/** Programs that import `lanewise` by its name, compiled against the built package. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** As strict as a project can be; the library's own declarations are checked too. */
const STRICT = {
  target: 'ES2022',
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  lib: ['ES2023', 'DOM', 'DOM.Iterable', 'ESNext.Disposable'],
  types: ['node'],
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  skipLibCheck: false,
};

export interface CompilerError {
  /** Of the program, without its ending. */
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/**
 * Writes the programs into `folder`, below the repository so that they find the package, and compiles them together.
 */
export function compile(
  folder: string,
  programs: Readonly<Record<string, string>>,
  ...flags: string[]
): { errors: CompilerError[]; stdout: string } {
  const directory = path.join(root, 'build', folder);
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  for (const [name, code] of Object.entries(programs)) fs.writeFileSync(path.join(directory, `${name}.ts`), code);
  fs.writeFileSync(
    path.join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: STRICT, files: Object.keys(programs).map((name) => `${name}.ts`) }),
  );
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', directory, '--pretty', 'false', ...flags],
    { cwd: root, encoding: 'utf8' },
  );
  if (stderr !== '') throw new Error(stderr);
  return {
    errors: [...stdout.matchAll(/^(?:.*\/)?([^/\n]+)\.ts\((\d+),(\d+)\): error TS\d+: (.*)$/gm)].map(
      ([, name, line, column, message]) => ({
        name: name!,
        line: Number(line),
        column: Number(column),
        message: message!,
      }),
    ),
    stdout,
  };
}
