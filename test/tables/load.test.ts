/** CSV as files of the world have it, and what tables become. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CheckpointError, init, MissingDataError } from '../../src/index.js';
import * as browser from '../../src/tables/index.js';
import { encodeTable, loadTable, TableError, type TableOptions, unscale } from '../../src/tables/node/index.js';

await init({ threads: 1 });

const HOUSES = 'rooms,town,price\n2,Bath,210\n3,Bath,270\n2,York,180\n4,York,290\n';

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-tables-'));
afterAll(() => fs.rmSync(directory, { recursive: true }));
const file = (name: string, contents: string | Uint8Array): string => {
  fs.writeFileSync(path.join(directory, name), contents);
  return path.join(directory, name);
};

/** The rows of the inputs. */
async function inputsOf(source: Parameters<typeof loadTable>[0], options: TableOptions = {}) {
  const table = await loadTable(source, options);
  return { names: table.inputs, rows: table.train.x.toArray() as number[][] };
}

describe('what is read', () => {
  const same = { names: ['a', 'b'], rows: [[-1, 1], [1, -1]] }; // biome-ignore format: a matrix
  test.each<[string, string | Uint8Array, TableOptions?]>([
    ['commas', 'a,b\n1,2.5\n2,1.5\n'],
    ['no line end at the end', 'a,b\n1,2.5\n2,1.5'],
    ['a byte order mark', '\uFEFFa,b\n1,2.5\n2,1.5\n'],
    ['CRLF', 'a,b\r\n1,2.5\r\n2,1.5\r\n'],
    ['CR', 'a,b\r1,2.5\r2,1.5\r'],
    ['mixed line ends', 'a,b\r\n1,2.5\n2,1.5\r\n'],
    ['quotes', '"a","b"\n"1","2.5"\n"2","1.5"\n'],
    ['quotes and CRLF', '"a","b"\r\n"1","2.5"\r\n"2","1.5"\r\n'],
    ['blank lines', '\n\na,b\n1,2.5\n\n2,1.5\n\n\n'],
    ['blanks around values', ' a , b \n 1 , 2.5 \n 2 ,1.5\n'],
    ['semicolons', 'a;b\n1;2.5\n2;1.5\n'],
    ['semicolons and decimal commas', 'a;b\n1;2,5\n2;1,5\n'],
    ['tabs', 'a\tb\n1\t2.5\n2\t1.5\n'],
    ['tabs and decimal commas', 'a\tb\n1\t2,5\n2\t1,5\n'],
    ['bars', 'a|b\n1|2.5\n2|1.5\n'],
    ['a delimiter that is given', 'a:b\n1:2.5\n2:1.5\n', { delimiter: ':' }],
    ['decimal commas in quotes', 'a,b\n1,"2,5"\n2,"1,5"\n', { decimal: ',' }],
    ['exponents and signs', 'a,b\n1e0,+2.5\n.2E1,15e-1\n'],
    ['no header', '1,2.5\n2,1.5\n', { header: false }],
    ['UTF-8 as bytes', new TextEncoder().encode('\uFEFFa,b\n1,2.5\n2,1.5\n')],
    ['UTF-16', new Uint8Array(Buffer.from('\uFEFFa\tb\n1\t2.5\n2\t1.5\n', 'utf16le'))],
  ])('%s', async (_, text, options) => {
    const { names, rows } = await inputsOf(
      typeof text === 'string' && /\n/.test(text) ? text : file('x.csv', text),
      options,
    );
    expect(rows).toEqual(same.rows);
    if (options?.header !== false) expect(names).toEqual(same.names);
    else expect(names).toEqual(['column 1', 'column 2']);
  });

  test('quoted fields with delimiters, quotes and line breaks', async () => {
    const { names } = await inputsOf('a,b\n"x,1",1\n"say ""hi""",2\n"two\nlines",3\n');
    expect(names).toEqual(['a=say "hi"', 'a=two\nlines', 'a=x,1', 'b']);
  });

  test('rows as objects, a Blob, and the entry point of browsers', async () => {
    const objects = [{ a: 1, b: '2.5', ok: true }, { a: 2, b: 1.5, ok: false }]; // biome-ignore format: rows
    expect(await inputsOf(objects)).toEqual({
      names: ['a', 'b', 'ok=false', 'ok=true'],
      rows: [[-1, 1, 0, 1], [1, -1, 1, 0]], // biome-ignore format: a matrix
    });
    const table = await browser.loadTable(new Blob(['a,b\n1,2.5\n2,1.5\n']));
    expect(table.train.x.toArray()).toEqual(same.rows);
  });

  test('a file of many pieces gives what its parts give', async () => {
    const lines = Array.from({ length: 80_000 }, (_, i) => `${i % 977},"t${i % 3}\n${i % 3}",${(i % 13) / 4}`);
    const text = `n,town,x\n${lines.join('\n')}\n`;
    const [whole, pieces] = [await loadTable(text), await loadTable(file('large.csv', text))];
    expect(fs.statSync(path.join(directory, 'large.csv')).size).toBeGreaterThan(2 ** 20);
    expect(pieces.train.x.shape).toEqual([80_000, 5]);
    expect(pieces.scaler).toEqual(whole.scaler);
    expect(pieces.train.x.data()).toEqual(whole.train.x.data());
  });
});

describe('what columns are', () => {
  test('numbers are standardised, categories become columns of 0 and 1, ids that are texts are left out', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({ id: `no-${i}`, n: i % 3, town: i % 2 ? 'Bath' : 'York' }));
    const table = await loadTable(rows);
    expect(table.inputs).toEqual(['n', 'town=Bath', 'town=York']);
    expect(table.notes).toEqual(['rows: column "id" has 60 different texts, and is left out']);
    expect(table.columns[0]).toMatchObject({ name: 'id', kind: 'text', use: 'ignored', different: 60 });
    expect(table.columns[1]).toMatchObject({ name: 'n', kind: 'number', use: 'input', mean: 1, min: 0, max: 2 });
    expect(table.columns[2]).toMatchObject({ kind: 'category', values: ['Bath', 'York'] });
    expect(table.describe()).toMatchInlineSnapshot(`
      "column  kind      use      missing  mean     std  min  max  values
      id      text      ignored        0                          60: no-0, no-1, no-10, no-11, …
      n       number    input          0     1  0.8165    0    2
      town    category  input          0                          2: Bath, York"
    `);
  });

  test('a target of numbers is a regression; texts and few whole numbers are classes', async () => {
    const regression = await loadTable(HOUSES, { target: 'price' });
    expect(regression).toMatchObject({ task: 'regression', classes: [] });
    expect(regression.train.y.shape).toEqual([4, 1]);
    const target = regression.scaler.target!;
    if (target.kind !== 'number') throw new Error('not a number');
    expect([...unscale(target, regression.train.y.data('float32'))].map(Math.round)).toEqual([210, 270, 180, 290]);
    const towns = await loadTable(HOUSES, { target: 'town' });
    expect(towns).toMatchObject({ task: 'classification', classes: ['Bath', 'York'] });
    expect(towns.train.y.toArray()).toEqual([0, 0, 1, 1]);
    expect(towns.train.classes).toEqual(['Bath', 'York']);
    const few = Array.from({ length: 20 }, (_, i) => ({ x: i, y: [10, 9][i % 2]! }));
    expect((await loadTable(few, { target: 'y' })).classes).toEqual(['9', '10']);
    expect((await loadTable(few, { target: 'y', task: 'regression' })).task).toBe('regression');
    expect((await loadTable(HOUSES, { target: 'rooms', task: 'classification' })).classes).toEqual(['2', '3', '4']);
  });

  test('types, ignore and codes', async () => {
    const codes = await loadTable(HOUSES, { target: 'price', types: { rooms: 'category' }, categories: 'codes' });
    expect(codes.inputs).toEqual(['rooms', 'town']);
    expect(codes.train.x.toArray()).toEqual([[0, 0], [1, 0], [0, 1], [2, 1]]); // biome-ignore format: a matrix
    const { x } = await encodeTable([{ rooms: 9, town: 'York' }], codes.scaler);
    expect(x.toArray()).toEqual([[3, 1]]);
    expect((await loadTable(HOUSES, { target: 'price', ignore: ['town'] })).inputs).toEqual(['rooms']);
  });

  test('rows set aside are of each class alike, and the scaler is made without them', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({ x: i, y: i % 4 ? 'no' : 'yes' }));
    const table = await loadTable(rows, { target: 'y', validation: 0.2, seed: 3 });
    const labels = table.validation!.y.toArray() as number[];
    expect([labels.filter((y) => y === 0).length, labels.filter((y) => y === 1).length]).toEqual([15, 5]);
    const mean = (table.train.x.toArray() as number[][]).reduce((sum, [x]) => sum + x! / 80, 0);
    expect(mean).toBeCloseTo(0, 6);
    const again = await loadTable(rows, { target: 'y', validation: 0.2, seed: 3 });
    expect(again.scaler).toEqual(table.scaler);
    expect((await loadTable(rows, { target: 'y', validation: 0.2, seed: 4 })).scaler).not.toEqual(table.scaler);
  });

  test('the scaler is plain JSON, and encodes other rows, whatever the order of their columns', async () => {
    const { scaler } = await loadTable(HOUSES, { target: 'price' });
    const encoded = await encodeTable(
      'town,x,rooms\nLeeds,1,2.75\nYork,2,\n'.replace(',\n', ',3\n'),
      JSON.parse(JSON.stringify(scaler)),
    );
    const york = [expect.closeTo(0.3015, 4), 0, 1];
    expect(encoded.x.toArray()).toEqual([[0, 0, 0], york]);
    expect([...encoded.rows]).toEqual([2, 3]);
    expect(encoded.notes).toEqual(['table: 1 values of column "town" were not seen in training']);
    const { y } = await encodeTable(HOUSES, scaler, { withTarget: true });
    expect(y!.shape).toEqual([4, 1]);
  });

  test('missing values: the mean, or the row is left out', async () => {
    const text = 'a,b,y\n1,x,1\n,y,2\n3,NA,3\n';
    const mean = await loadTable(text, { target: 'y', missing: 'mean' });
    expect(mean.train.x.toArray()).toEqual([[-1, 1, 0], [0, 0, 1], [1, 0, 0]]); // biome-ignore format: a matrix
    const drop = await loadTable(text, { target: 'y', missing: 'drop', task: 'regression' });
    expect(drop.train.length).toBe(1);
    expect(drop.notes).toEqual(['table: 2 of 3 rows have missing values, and are left out']);
    const encoded = await encodeTable('a,b\n,x\n', mean.scaler);
    expect(encoded.x.toArray()).toEqual([[0, 1, 0]]);
    const own = await loadTable('a\n1\n-99\n3\n', { missing: 'mean', missingValues: ['-99'] });
    expect(own.columns[0]).toMatchObject({ missing: 1, min: 1 });
  });
});

describe('errors name the row and the column', () => {
  test.each<[string, string, TableOptions, object]>([
    ['a missing value', 'a,b\n1,2\n3,\n', {}, { row: 3, column: 'b' }],
    ['the first of several', 'a,b\n1,2\n3,\n,4\n', {}, { row: 3, column: 'b' }],
    ['a missing target', 'a,b\n1,2\n3,\n', { target: 'b', missing: 'mean' }, { row: 3, column: 'b' }],
    ['too few fields', 'a,b\n1,2\n3\n', {}, { row: 3 }],
    ['too many fields', 'a,b\n1,2\n\n3,4,5\n', {}, { row: 4 }],
    ['two columns of a name', 'a,b,a\n1,2,3\n', {}, { row: 1, column: 'a' }],
    ['an open quote', 'a,b\n1,"2\n3,4\n', {}, { row: 2 }],
    ['a quote within a field', 'a,b\n1,"x"y"\n3,4\n', {}, { row: 2 }],
    ['a text in a column of numbers', 'a,b\n1,2\nx,4\n', { types: { a: 'number' } }, { row: 3, column: 'a' }],
    ['numbers too large', `a\n1\n1e308\n${'-1e308\n'.repeat(3)}`, {}, { column: 'a' }],
    ['no rows', 'a,b\n', {}, {}],
    ['nothing but blanks', '\n\n \n', {}, {}],
    ['an unknown target', 'a,b\n1,2\n', { target: 'c' }, {}],
    ['an unknown column to ignore', 'a,b\n1,2\n', { ignore: ['x'] }, {}],
    ['one class', 'a,b\n1,x\n2,x\n', { target: 'b' }, { column: 'b' }],
    ['a regression of texts', 'a,b\n1,x\n2,y\n', { target: 'b', task: 'regression' }, { row: 2, column: 'b' }],
    ['no inputs', 'a\n1\n2\n', { target: 'a' }, {}],
    ['every row has a missing value', 'a,b\n1,\n,2\n', { missing: 'drop' }, {}],
    ['too few rows to set aside', 'a,b\n1,2\n2,3\n', { target: 'b', validation: 0.1 }, {}],
  ])('%s', async (_, text, options, place) => {
    const error: unknown = await loadTable(text, options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TableError);
    expect(error).toMatchObject(place);
    for (const value of Object.values(place)) expect((error as Error).message).toContain(String(value));
  });

  test('a text after more numbers than are told apart', async () => {
    const text = `a\n${Array.from({ length: 12_000 }, (_, i) => i).join('\n')}\nlast\n`;
    await expect(loadTable(text)).rejects.toMatchObject({ row: 12_002, column: 'a' });
  });

  test('a quote that swallows the rest of a large file', async () => {
    const lines = Array.from({ length: 180_000 }, (_, i) => `${i},2`);
    lines[10] = '10,"2';
    await expect(loadTable(file('open.csv', `a,b\n${lines.join('\n')}\n`))).rejects.toMatchObject({ row: 12 });
  });

  test('a class or a text that the scaler does not know, and a column that is missing', async () => {
    const { scaler } = await loadTable(HOUSES, { target: 'town' });
    await expect(encodeTable('rooms,price,town\n1,2,Leeds\n', scaler, { withTarget: true })).rejects.toMatchObject({
      row: 2,
      column: 'town',
    });
    await expect(encodeTable('rooms\n1\n', scaler)).rejects.toMatchObject({ column: 'price' });
    await expect(encodeTable('rooms,price\n1,x\n', scaler)).rejects.toMatchObject({ row: 2, column: 'price' });
    await expect(encodeTable('rooms,price\n1,1e300\n', scaler)).rejects.toMatchObject({ row: 2, column: 'price' });
    await expect(encodeTable('rooms,price\n1,1\n', scaler, { withTarget: true })).rejects.toThrow(MissingDataError);
    await expect(encodeTable(HOUSES, { ...scaler, inputs: [] })).rejects.toThrow(CheckpointError);
  });

  test('files that are not there, or not text', async () => {
    await expect(loadTable(path.join(directory, 'none.csv'))).rejects.toThrow(MissingDataError);
    await expect(loadTable(directory)).rejects.toThrow('a directory');
    await expect(loadTable(file('latin1.csv', Uint8Array.of(97, 10, 0xe4, 10)))).rejects.toThrow('UTF-8');
    await expect(loadTable([{ a: 1 }, { a: 1, b: 2 }])).rejects.toMatchObject({ row: 2, column: 'b' });
    await expect(loadTable([{ a: Infinity }])).rejects.toMatchObject({ row: 1, column: 'a' });
    await expect(loadTable([])).rejects.toThrow('no rows');
    await expect(loadTable([{}])).rejects.toThrow('no columns');
  });
});
