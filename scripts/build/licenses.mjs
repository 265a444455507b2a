// Writes the licences of the code that the bundles carry: dist/THIRD_PARTY_LICENSES.txt, from what the bundlers say of
// each bundle. A package whose tarball has no licence text is an error, unless SUPPLIED has one.
import fs from 'node:fs';
import path from 'node:path';
import { DECODER_FILES } from './decoderFiles.mjs';

const root = path.resolve(import.meta.dirname, '../..');

export const LICENSES_FILE = 'THIRD_PARTY_LICENSES.txt';

/** To be kept by whoever minifies the bundles again. */
export const LICENSES_BANNER = `/*! lanewise (MIT), with code of others: licences in dist/${LICENSES_FILE} */`;

/** What is in which bundle, as esbuild's metafiles say it. The test reads it. */
const RECORD = 'build/bundles.json';

/** Packages of which no more than this is in a bundle. Compilers do not name it among the modules. */
const PARTS = {
  assemblyscript: 'its standard library',
  esbuild: 'its runtime helpers',
  rolldown: 'its runtime helpers',
  vite: 'its runtime helpers',
};

/** Modules that are not files: the helpers of the page's bundlers, and what our own plugins make (null). */
const VIRTUAL = [
  [/^\0?vite\//, 'vite'],
  [/^\0?rolldown\//, 'rolldown'],
  [/^\0?@oxc-project\+runtime@/, '@oxc-project/runtime'],
  [/^without-(relaxed|wide|streams|decoders):/, null],
  [/^hold:/, null],
];

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;

/** BSD's three clauses. @param name of those who may not be named in endorsements */
const bsd = (copyright, name) => `${copyright}

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

- Redistributions of source code must retain the above copyright notice, this
  list of conditions and the following disclaimer.
- Redistributions in binary form must reproduce the above copyright notice,
  this list of conditions and the following disclaimer in the documentation
  and/or other materials provided with the distribution.
- Neither the name of ${name} nor the names of its contributors may
  be used to endorse or promote products derived from this software without
  specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS",
AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE
ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDERS OR CONTRIBUTORS BE
LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR
CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF
SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN
CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE)
ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE
POSSIBILITY OF SUCH DAMAGE.`;

/** What the packages of decoders have: the licence in package.json, and none of the C library that is compiled in. */
const decoder = (title, text) => [
  { title: 'MIT licence, as package.json has it', text: () => `Copyright (c) Linus Unnebäck\n\n${MIT}` },
  { title, text: () => text },
];

/** The Apache licence, version 2.0, as a package brings it that is bundled under it too. */
const apache = () => fs.readFileSync(path.join(root, 'node_modules/assemblyscript/LICENSE'), 'utf8');

/** The comment lines that a file begins with. */
const headOf = (file) =>
  /^(?:\/\/.*\n)+/.exec(fs.readFileSync(path.join(root, file), 'utf8'))[0].replace(/^\/\/ ?/gm, '');

/** Texts that are not in a package's own tarball, and where they are from. */
const SUPPLIED = {
  '@assemblyscript/loader': [
    {
      title:
        "LICENSE and NOTICE of the package assemblyscript: the loader's own has none, and is made from the same" +
        ' repository (https://github.com/AssemblyScript/assemblyscript, lib/loader)',
      text: () =>
        textsOf(path.join(root, 'node_modules/assemblyscript'))
          .map(({ text }) => text)
          .join('\n\n'),
    },
  ],
  assemblyscript: [
    {
      title:
        'MIT licence of Arm Optimized Routines, which NOTICE names: powf in the standard library is derived from it',
      text: () => `Copyright (c) Arm Limited\n\n${MIT}`,
    },
  ],
  '@cwasm/jpeg-turbo': decoder(
    'Licences of libjpeg-turbo, which is compiled into it',
    `This software is based in part on the work of the Independent JPEG Group.\n\n${bsd(
      'Copyright (C) 2009-2019 D. R. Commander. All Rights Reserved.\n' +
        'Copyright (C) 2015 Viktor Szathmáry. All Rights Reserved.',
      'the libjpeg-turbo Project',
    )}`,
  ),
  '@cwasm/webp': decoder(
    'Licence of libwebp, which is compiled into it',
    bsd('Copyright (c) 2010, Google Inc. All rights reserved.', 'Google'),
  ),
  // Both say their licences in package.json and in their sources, and have no file of them.
  'onnx-buf': [
    {
      title: 'MIT licence, as package.json has it',
      text: () => `Copyright (c) Eric Zhang\n\n${MIT}`,
    },
    {
      title: 'Apache licence of onnx.proto, which it is generated from (ONNX Project Contributors)',
      text: () => apache(),
    },
  ],
  '@bufbuild/protobuf': [
    {
      title: 'Apache licence (Copyright 2021-2026 Buf Technologies, Inc.)',
      text: () => apache(),
    },
    {
      title: 'BSD licence of its reader and writer of integers',
      text: () => headOf('node_modules/@bufbuild/protobuf/dist/esm/wire/varint.js'),
    },
  ],
};

/** Ends of files that are about code which is in the package but not in the bundles. */
const CUT = { vite: '# Licenses of bundled dependencies' };

const bundles = new Map();

/** Keeps what esbuild put into a bundle. @param built its result, with the metafile */
export function recordBundle(name, { metafile: { inputs, outputs } }) {
  bundles.set(name, { compiler: 'esbuild', inputs, outputs });
}

/** A plugin that keeps what Vite puts into the page. Its workers are built apart, and need the plugin too. */
export function recordPage() {
  const [inputs, outputs] = [{}, {}];
  const add = (id) => {
    const [file] = id.split('?');
    inputs[path.isAbsolute(file) ? path.relative(root, file) : file] = {};
    if (!file.endsWith('.css')) return;
    // Vite joins style sheets without making modules of those that are imported.
    const imported = /@import\s+(?:url\()?['"]([^'".][^'"]*)/g;
    for (const [, request] of fs.readFileSync(file, 'utf8').matchAll(imported)) inputs[`node_modules/${request}`] = {};
  };
  return {
    name: 'record-page',
    generateBundle(_options, bundle) {
      for (const id of this.getModuleIds()) add(id);
      for (const [file, chunk] of Object.entries(bundle)) {
        outputs[`dist/page/${file}`] = {};
        for (const id of Object.keys(chunk.modules ?? {})) add(id);
      }
    },
    closeBundle() {
      bundles.set('page', { compiler: null, inputs, outputs });
    },
  };
}

/** The folder of the package that a module belongs to; null for modules of lanewise. */
export function packageFolder(module) {
  const virtual = VIRTUAL.find(([pattern]) => pattern.test(module));
  if (virtual !== undefined) return virtual[1] === null ? null : `node_modules/${virtual[1]}`;
  const at = module.replaceAll('\\', '/').lastIndexOf('node_modules/');
  if (at >= 0) {
    const [scope, name] = module.slice(at + 'node_modules/'.length).split('/');
    return module.slice(0, at) + path.posix.join('node_modules', scope.startsWith('@') ? `${scope}/${name}` : scope);
  }
  if (/^(src|bench|build)\//.test(module)) return null;
  throw new Error(`${JSON.stringify(module)} is in a bundle; scripts/build/licenses.mjs does not know whose it is`);
}

/** The texts of a package's own files about its licence, in the order of their names. */
function textsOf(folder) {
  const isText = (name) => /^(licen[cs]es?|notice|copying|copyright)/i.test(name);
  const names = fs
    .readdirSync(folder)
    .filter(isText)
    .flatMap((name) => {
      const file = path.join(folder, name);
      return fs.statSync(file).isDirectory() ? fs.readdirSync(file).map((inner) => `${name}/${inner}`) : [name];
    });
  return names.sort().map((name) => ({ title: name, text: fs.readFileSync(path.join(folder, name), 'utf8') }));
}

const tidy = (text) =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .replace(/^\n+|\s+$/g, '');

/** Name, version, licence and texts of a package. @throws {Error} when there is no text, nor one in `SUPPLIED` */
export function licenseOf(folder) {
  const about = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
  const { name, version, license } = about;
  const own = textsOf(path.join(root, folder)).map(({ title, text }) => {
    if (CUT[name] === undefined) return { title, text: tidy(text) };
    const end = text.indexOf(CUT[name]);
    if (end < 0) throw new Error(`${folder}/${title} is not cut as CUT in scripts/build/licenses.mjs says`);
    return { title, text: tidy(text.slice(0, end)) };
  });
  const texts = [...own, ...(SUPPLIED[name] ?? []).map(({ title, text }) => ({ title, text: tidy(text()) }))];
  if (typeof license !== 'string') throw new Error(`${folder}/package.json does not say which licence it has`);
  if (texts.every(({ text }) => text === '')) {
    throw new Error(
      `${folder} has no text of its licence (${license}): add one to SUPPLIED in scripts/build/licenses.mjs`,
    );
  }
  return { name, version, license, source: sourceOf(about), texts };
}

/** Where a package is from, as an address. */
function sourceOf({ homepage, repository }) {
  const source = homepage ?? repository?.url ?? repository ?? '';
  if (/^[\w-]+\/[\w.-]+$/.test(source)) return `https://github.com/${source}`;
  return source.replace(/^git\+/, '').replace(/\.git$/, '');
}

/**
 * The packages that bundles carry code of, in the order of their names.
 *
 * @param record by the bundle's name: its compiler, and its modules as the keys of `inputs`
 */
export function bundledPackages(record) {
  const found = new Map();
  const add = (folder, bundle) => {
    const about = licenseOf(folder);
    const key = `${about.name} ${about.version}`;
    if (!found.has(key)) found.set(key, { ...about, bundles: new Set() });
    found.get(key).bundles.add(bundle);
  };
  for (const [bundle, { compiler, inputs }] of Object.entries(record)) {
    const folders = new Set(Object.keys(inputs).map(packageFolder));
    for (const folder of folders) if (folder !== null) add(folder, bundle);
    if (compiler !== null) add(`node_modules/${compiler}`, bundle);
  }
  return byName(found).map(([, about]) => ({ ...about, bundles: [...about.bundles].sort() }));
}

const byName = (entries) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

const [DOUBLE, SINGLE] = ['=', '-'].map((sign) => sign.repeat(80));

/** The packages with their licences, as text. */
export function licensesText(packages) {
  return packages
    .map(({ name, version, license, source, texts, bundles: where }) =>
      [
        DOUBLE,
        `${name} ${version}`,
        `Licence: ${license}`,
        `From: ${source}`,
        `In: ${where.join(', ')}${name in PARTS ? ` (${PARTS[name]})` : ''}`,
        ...texts.flatMap(({ title, text }) => [SINGLE, title, '', text]),
        '',
      ].join('\n'),
    )
    .join('\n');
}

/** Adds the licences of what is in a bundle to its file, as a comment: it is carried to where no other file is. */
export function appendLicenses(file, name) {
  const text = licensesText(bundledPackages({ [name]: bundles.get(name) }));
  fs.appendFileSync(file, `/*!\n${text.replaceAll('*/', '* /')}*/\n`);
}

/** To be called when all is built: writes the file into dist/ and beside the page, and what it is made from. */
export function writeLicenses() {
  bundles.set('decoders', {
    compiler: null,
    inputs: Object.fromEntries(DECODER_FILES.map((file) => [file, {}])),
    outputs: {},
  });
  bundles.set('kernels', { compiler: 'assemblyscript', inputs: {}, outputs: {} });
  const record = Object.fromEntries(byName(bundles));
  const packages = bundledPackages(record);
  const text = `lanewise itself has the MIT licence (LICENSE), the digits in mnist-subset/ have CC BY-SA 3.0
(mnist-subset/LICENSE.txt). The bundles in dist/ contain code of these packages:

${packages.map(({ name, version, license }) => `  ${name} ${version} (${license})`).join('\n')}

${licensesText(packages)}`;
  fs.writeFileSync(RECORD, JSON.stringify(record));
  for (const folder of ['dist', 'dist/page']) fs.writeFileSync(path.join(folder, LICENSES_FILE), text);
}
