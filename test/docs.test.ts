/** The pages in docs/ say what is there: examples print what they say, and paths, kernels and names exist. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { describe, expect, test } from 'vitest';
import { linesByRoom, sizeTables } from '../scripts/size-tables.mjs';
import * as formats from '../src/formats/node/index.js';
import * as images from '../src/images/index.js';
import * as lanewise from '../src/index.js';
import * as lanewiseNode from '../src/node/index.js';
import { unpackKernels } from '../src/runtime/inlined/unpack.js';
import { kernelsText } from '../src/runtime/kernels.baseline.generated.js';

const root = path.resolve(import.meta.dirname, '..');
const pages = fs.readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
const read = (name: string) => fs.readFileSync(path.join(root, name), 'utf8');

/** What the page on additions adds. */
const ADDED = /hardsigmoid|softsign|layerScale|adamax|multiplicativeLR|kmnist|studies\/momentum/;

const blocksOf = (text: string) => [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);

/** Runs a program on the built library, in a process of its own; returns what it prints. */
async function run(name: string, code: string): Promise<string> {
  const program = path.join(root, 'build/docs', `${name}.mjs`);
  fs.mkdirSync(path.dirname(program), { recursive: true });
  fs.writeFileSync(program, (await esbuild.transform(code, { loader: 'ts', format: 'esm', target: 'es2022' })).code);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8', timeout: 30_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

describe.each(pages)('docs/%s', (page) => {
  const text = read(`docs/${page}`);
  const blocks = blocksOf(text);

  test('links lead somewhere', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, link]) => link!);
    expect(links.filter((link) => !fs.existsSync(path.join(root, 'docs', link)))).toEqual([]);
  });

  test('files that are named exist', () => {
    const named = [...text.matchAll(/`((?:src|assembly|test|scripts|docs|bench|examples)\/[\w./-]+)`/g)].map(
      ([, file]) => file!,
    );
    expect(
      named.filter(
        (file) => !ADDED.test(file) && !file.endsWith('.generated.ts') && !fs.existsSync(path.join(root, file)),
      ),
    ).toEqual([]);
  });

  test('kernels that are named exist', () => {
    const sources = fs
      .readdirSync(path.join(root, 'assembly'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => read(`assembly/${name}`))
      .join('\n');
    const named = [...text.matchAll(/`((?:f32|i32|u8|u32|x32|x8|f64|f32x4|f64x2)_\w+)`/g)].map(([, name]) => name!);
    const known = new Set([...sources.matchAll(/export function (\w+)/g)].map(([, name]) => name));
    expect(named.filter((name) => !name.endsWith('_') && !ADDED.test(name) && !known.has(name))).toEqual([]);
  });

  test('what examples import exists', () => {
    const imported = blocks.flatMap((code) =>
      [...code.matchAll(/import \{([^}]*)\} from '(lanewise(?:\/(?:node|formats|images))?)'/g)].flatMap(
        ([, list, from]) =>
          list!
            .split(',')
            .map((item) => item.trim())
            .filter((item) => item !== '' && !item.startsWith('type '))
            .map((name) => ({ name, from })),
      ),
    );
    const entries = { lanewise, 'lanewise/node': lanewiseNode, 'lanewise/formats': formats, 'lanewise/images': images };
    expect(imported.filter(({ name, from }) => !(name in entries[from as keyof typeof entries]))).toEqual([]);
  });

  blocks.forEach((code, i) => {
    const expected = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, line]) => line!);
    if (expected.length === 0) return;
    test(`example ${i + 1} prints what it says`, async () => {
      expect(await run(`${page}-${i + 1}`, code)).toBe(expected.map((line) => `${line}\n`).join(''));
    });
  });
});

test('the table of convolutions is that of the code', () => {
  const table = (text: string) =>
    text
      .split('\n')
      .map((line) => line.replace(/^ \* /, ''))
      .filter((line) => line.startsWith('|'))
      .map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .join('|'),
      );
  const code = table(read('src/ops/conv/choose.ts')).filter((line) => !/^\|-+\|/.test(line));
  expect(code.length).toBeGreaterThan(2);
  expect(table(read('docs/kernels.md'))).toEqual(expect.arrayContaining(code));
});

describe('the map of the code', () => {
  const map = read('docs/architecture.md');

  test('names files and folders that exist', () => {
    const named = [...map.matchAll(/`((?:src|assembly|test)\/[\w./]*)`/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((name) => !fs.existsSync(path.join(root, name)))).toEqual([]);
  });

  test('leaves out no folder', () => {
    const folders = ['src', 'src/ops', 'src/nn', 'assembly'].flatMap((parent) =>
      fs
        .readdirSync(path.join(root, parent), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${parent}/${name}/`),
    );
    expect(folders.filter((folder) => !map.includes(`\`${folder}\``))).toEqual([]);
  });
});

test('the tables of sizes are those of the code, within a tenth', () => {
  const map = read('docs/architecture.md');
  for (const [room, lines] of linesByRoom()) {
    const [, stated] = new RegExp(`^\\| \`${room}\` \\| ([\\d,]+) \\|$`, 'm').exec(map) ?? [];
    const error = Math.abs(Number(stated?.replace(',', '')) - lines);
    expect(error, `${room} has ${lines} lines, stated are ${stated}`).toBeLessThanOrEqual(Math.max(100, lines / 10));
  }
  // Of the kernels every one counts.
  const kernels = (text: string) => text.split('\n').filter((line) => /^\| (kernels of|of )/.test(line));
  expect(kernels(sizeTables())).toHaveLength(3);
  expect(kernels(map)).toEqual(kernels(sizeTables()));
});

describe('what the same bits rest on', () => {
  test('src/ calls no function of Math that engines round in their own ways', () => {
    const files = fs
      .readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.generated.ts'));
    const calls = files.flatMap((name) =>
      [
        ...read(`src/${name}`).matchAll(
          /\bMath\.(?:a?(?:sin|cos|tan)h?|atan2|exp|expm1|log|log1p|log2|log10|pow|cbrt|hypot)\(/g,
        ),
      ].map(([call]) => `${name}: ${call}`),
    );
    expect(calls).toEqual([]);
  });

  test('kernels have nothing but memory from outside', () => {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(unpackKernels(kernelsText)));
    expect(imports).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  });
});
