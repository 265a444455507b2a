/** The public surface as its users' compilers see it: the declarations that the build emits. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, expectTypeOf, test } from 'vitest';
import type * as formats from '../../src/formats/index.js';
import type { DataLoader, DType, NestedArray, Operand, Shape, Tensor } from '../../src/index.js';
import * as lanewise from '../../src/index.js';
import * as node from '../../src/node/index.js';
import type * as recipes from '../../src/recipes/index.js';
import { exported, faces, root } from '../support/declarations.js';

const uncommented = (code: string) => code.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

/** Every declaration file that the faces lead to, without its comments. */
function reachable(): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    const code = uncommented(fs.readFileSync(file, 'utf8'));
    found.set(file, code);
    for (const [, to] of code.matchAll(/(?:from\s+|import\(|import\s+)['"](\.[^'"]+)['"]/g))
      visit(path.resolve(path.dirname(file), to!.replace(/\.js$/, '.d.ts')));
  };
  faces.forEach((file) => visit(file));
  return found;
}

/** Lines with the type any; the operation `any` is none. */
const anys = (code: string) =>
  [
    ...code
      .replace(/'[^'\n]*'|"[^"\n]*"/g, "''")
      .replace(/^export \{[^}]*\}/gm, '')
      .matchAll(/^.*\bany\b(?!\().*$/gm),
  ].map(([line]) => line.trim());

test('compilers that know no exports find every entry by typesVersions', () => {
  const { typesVersions } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    typesVersions: { '*': Record<string, string[]> };
  };
  const entries = [...faces.keys()].filter((name) => name !== 'lanewise').map((name) => name.replace('lanewise/', ''));
  expect(Object.keys(typesVersions['*']).sort()).toEqual(entries.sort());
  for (const [file] of Object.values(typesVersions['*']))
    expect(fs.existsSync(path.join(root, file!)), file).toBe(true);
});

/** The declarations of Node's modules are not on every machine. */
test('no declaration names a module of Node', () => {
  const named = [...reachable()]
    .filter(([, code]) => /from 'node:|NodeJS\./.test(code))
    .map(([file]) => path.relative(root, file));
  expect(named).toEqual([]);
});

test('a declared any is found', () => {
  expect(
    anys(
      'export declare const a: any;\nexport declare const b: \'any\' | "any";\nexport declare ' +
        'function anyone(many: number): Map<string, any[]>;',
    ),
  ).toEqual(['export declare const a: any;', 'export declare function anyone(many: number): Map<string, any[]>;']);
});

test('no declaration has an any', () => {
  const files = reachable();
  expect(faces.size).toBeGreaterThanOrEqual(4);
  expect([...files.keys()].map((file) => path.relative(root, file))).toEqual(
    expect.arrayContaining([
      'dist/types/tensor/tensor.d.ts',
      'dist/types/nn/core/sizes.d.ts',
      'dist/types/ops/methods.d.ts',
      'dist/types/io/files.node.d.ts',
    ]),
  );
  expect(
    [...files].flatMap(([file, code]) => anys(code).map((line) => `${path.relative(root, file)}: ${line}`)),
  ).toEqual([]);
});

test('no value that is exported is an any', () => {
  expectTypeOf<AnyOf<typeof lanewise>>().toBeNever();
  expectTypeOf<AnyOf<typeof node>>().toBeNever();
  expectTypeOf<AnyOf<typeof recipes>>().toBeNever();
  expectTypeOf<AnyOf<typeof formats>>().toBeNever();
  expectTypeOf<AnyOf<typeof lanewise.nn>>().toBeNever();
  expectTypeOf<AnyOf<typeof lanewise.optim>>().toBeNever();
  expectTypeOf<AnyOf<Tensor>>().toBeNever();
  expectTypeOf<AnyOf<lanewise.nn.Module>>().toBeNever();
  expectTypeOf<AnyOf<{ loose: ReturnType<typeof JSON.parse>; strict: number }>>().toEqualTypeOf<'loose'>();
});

type IsAny<T> = 0 extends 1 & T ? true : false;
type Loose<T> =
  IsAny<T> extends true
    ? true
    : T extends (...given: infer Given) => infer Result
      ? true extends IsAny<Result> | { [K in keyof Given]: IsAny<Given[K]> }[number]
        ? true
        : false
      : false;
/** The members that are an any, or functions that take or give one. */
type AnyOf<T> = { [K in keyof T]-?: Loose<T[K]> extends true ? K : never }[keyof T];

test('everything that is exported has a docstring', () => {
  const found = [...faces].flatMap(([face, file]) =>
    [...exported(file)].map(([name, comment]) => [`${face}: ${name}`, comment] as const),
  );
  expect(found.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'lanewise: Tensor',
      'lanewise: nn.Linear',
      'lanewise: nn.init.kaimingUniform',
      'lanewise: nn.Buffer',
      'lanewise/slim: optim.Adam',
      'lanewise/node: loadMnist',
      'lanewise/recipes: buildModel',
      'lanewise/formats: load',
    ]),
  );
  expect(found.filter(([, comment]) => comment === undefined || !/[a-z]/i.test(comment)).map(([name]) => name)).toEqual(
    [],
  );
});

test('tensors', () => {
  expectTypeOf<Shape>().toEqualTypeOf<readonly number[]>();
  expectTypeOf<DType>().toEqualTypeOf<'float32' | 'int32' | 'uint8'>();
  expectTypeOf<Operand>().toEqualTypeOf<Tensor | number>();
  expectTypeOf<Tensor['shape']>().toEqualTypeOf<Shape>();
  expectTypeOf<Tensor['grad']>().toEqualTypeOf<Tensor | null>();
  expectTypeOf<Tensor['add']>().toEqualTypeOf<(other: Operand) => Tensor>();
  expectTypeOf<Tensor['data']>().returns.toEqualTypeOf<Float32Array | Int32Array | Uint8Array>();
  expectTypeOf<Tensor['toArray']>().returns.toEqualTypeOf<NestedArray>();
  expectTypeOf<Tensor>().toExtend<Disposable>();
  expectTypeOf(lanewise.scope(() => 'what the body returns' as const)).toEqualTypeOf<'what the body returns'>();
  // @ts-expect-error an element type that there is not
  expect(() => lanewise.zeros([1], { dtype: 'float64' })).toThrow();
  // @ts-expect-error a shape is an array
  expect(() => lanewise.tensor([1], { shape: 1 })).toThrow();
});

test('optimizers and data', () => {
  const parameter = new lanewise.nn.Parameter(lanewise.zeros([1]));
  expectTypeOf(lanewise.optim.Adam).toBeConstructibleWith([parameter], { lr: 1e-3, betas: [0.9, 0.99] });
  // @ts-expect-error the learning rate has no default
  expect(() => new lanewise.optim.SGD([parameter])).toThrow();
  // @ts-expect-error an option of another name
  expect(() => new lanewise.optim.SGD([parameter], { lr: 0.1, learningRate: 1 })).toThrow();
  expectTypeOf<DataLoader>().toExtend<Iterable<readonly [Tensor, Tensor]>>();
  expectTypeOf(lanewise.fit).returns.resolves.toEqualTypeOf<lanewise.FitResult>();
  expectTypeOf(node.loadMnist).returns.resolves.toEqualTypeOf<lanewise.LoadedData>();
});
