/** What the compiler says to those who use the built package, as they would see it in their editor. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'build/types');

/** As strict as a project can be; the library's own declarations are checked too. */
const STRICT = {
  target: 'ES2022', module: 'NodeNext', moduleResolution: 'NodeNext', lib: ['ES2023', 'DOM', 'DOM.Iterable', 'ESNext.Disposable'], types: ['node'], noEmit: true,
  strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noPropertyAccessFromIndexSignature: true, skipLibCheck: false,
};

/** Compiles a program that imports `lanewise` by its name. */
function compile(name: string, code: string, ...flags: string[]): { errors: string[]; stdout: string } {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, `${name}.ts`), `import * as lanewise from 'lanewise';\nimport { nn } from 'lanewise';\nvoid [lanewise, nn];\n${code}`);
  fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify({ compilerOptions: STRICT, files: [`${name}.ts`] }));
  const { stdout } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', path.join(folder, `${name}.json`), '--pretty', 'false', ...flags], { cwd: root, encoding: 'utf8' });
  return { errors: stdout.split('\n').filter((line) => /error TS\d+/.test(line)).map((line) => line.replace(/^.*?\.ts\((\d+),(\d+)\): error TS\d+: /, (_, row, column) => `${row - 3}:${column} `)), stdout };
}

test('the layer that does not fit is underlined, and why is said', () => {
  const { errors } = compile('messages', [
    'new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(64, 10));',
    'new nn.Sequential(new nn.Conv2d(1, 8, 3), new nn.BatchNorm2d(4));',
    'new nn.Sequential(new nn.Linear(2, 3), new nn.Sequential(new nn.ReLU(), new nn.Linear(4, 5)));',
    'new nn.Residual(new nn.Linear(3, 4));',
    'new nn.Residual(new nn.Linear(3, 4), new nn.Linear(3, 5));',
    'new nn.Residual(new nn.Linear(3, 4), new nn.Linear(2, 4));',
    'new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10)) satisfies nn.Sequential;',
    'const model: nn.Sequential<[nn.Linear<784, 10>]> = new nn.Sequential(new nn.Linear(784, 9));',
  ].join('\n'));
  expect(errors).toEqual([
    "1:59 Argument of type 'Linear<64, 10>' is not assignable to parameter of type '\"layer 2 takes 64 features, but layer 0 gives 128\"'.",
    "2:43 Argument of type 'BatchNorm2d<4>' is not assignable to parameter of type '\"layer 1 takes 4 channels, but layer 0 gives 8\"'.",
    "3:40 Argument of type 'Sequential<[ReLU, Linear<4, 5>]>' is not assignable to parameter of type '\"layer 1.1 takes 4 features, but layer 0 gives 3\"'.",
    "4:17 Argument of type 'Linear<3, 4>' is not assignable to parameter of type '\"the body gives 4 features, the shortcut 3\"'.",
    "5:38 Argument of type 'Linear<3, 5>' is not assignable to parameter of type '\"the body gives 4 features, the shortcut 5\"'.",
    "6:38 Argument of type 'Linear<2, 4>' is not assignable to parameter of type '\"layer shortcut takes 2 features, but it gets 3\"'.",
    "8:7 Type 'Sequential<[Linear<784, 9>]>' is not assignable to type 'Sequential<[Linear<784, 10>]>'.",
  ]);
});

test('declarations hold in the strictest project', () => {
  expect(compile('strict', `
import * as node from 'lanewise/node';
import * as recipes from 'lanewise/recipes';
import * as slim from 'lanewise/slim';
void [node, recipes, slim];
`)).toEqual({ errors: [], stdout: '' });
});

/** How many types a model of so many layers makes the compiler instantiate. */
function instantiations(layers: number): number {
  const rows = Array.from({ length: layers / 2 }, (_, i) => `new nn.Linear(${i + 1}, ${i + 2}), new nn.ReLU()`);
  const { errors, stdout } = compile(`deep${layers}`, `const model = new nn.Sequential(${rows.join(', ')});\nconst last: nn.OutputSize<typeof model> = ${layers / 2 + 1};\nvoid last;\n`, '--extendedDiagnostics');
  expect(errors).toEqual([]);
  return Number(/Instantiations:\s+(\d+)/.exec(stdout)![1]);
}

test('200 layers are a small part of the 5,000,000 instantiations that the compiler allows a type', () => {
  expect(instantiations(200)).toBeLessThan(250_000);
});
