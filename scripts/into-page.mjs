// Puts what comes on standard input into a page, in place of what stands between two marks:
//   node bench/run.mjs --from all.json | node scripts/into-page.mjs docs/benchmarking.md rows
// replaces the lines from <!-- rows --> to the next <!-- end -->.
import fs from 'node:fs';

const [page, mark] = process.argv.slice(2);
if (page === undefined || mark === undefined) {
  console.error('usage: … | node scripts/into-page.mjs PAGE.md MARK');
  process.exit(2);
}

const text = fs.readFileSync(0, 'utf8').trim();
const before = fs.readFileSync(page, 'utf8');
const begin = `<!-- ${mark} -->\n`;
const from = before.indexOf(begin) + begin.length;
const to = before.indexOf('<!-- end -->', from);
if (from < begin.length || to < 0) throw new Error(`${page} has no marks <!-- ${mark} --> and <!-- end -->`);
if (text === '') throw new Error('nothing came on standard input: the page stays as it is');
fs.writeFileSync(page, `${before.slice(0, from)}${text}\n${before.slice(to)}`);
