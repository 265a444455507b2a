/** The page of benchmarks: which rows, the table as it grows, and its copies as Markdown and JSON. */
import { cases } from '../../../bench/cases.js';
import { FIXED_RUN_DIGEST } from '../../../bench/fixedRun.js';
import { type Ceilings, type Row, rowTables } from '../../../bench/report.js';
import { SELECTION } from '../../../bench/selection.js';
import { plural } from '../../text/numbers.js';
import { byId, element } from '../dom.js';
import { download } from '../downloads.js';
import { digits3 } from '../format.js';
import { say, showError } from '../notices.js';
import type { BenchReply, BenchRequest } from './protocol.js';

const family = byId('family', HTMLSelectElement);
const filter = byId('filter', HTMLInputElement);
const threads = byId('threads', HTMLSelectElement);
const buttons = {
  run: byId('run', HTMLButtonElement),
  stop: byId('stop', HTMLButtonElement),
  compare: byId('compare', HTMLButtonElement),
  markdown: byId('copy-markdown', HTMLButtonElement),
  json: byId('copy-json', HTMLButtonElement),
  file: byId('save-json', HTMLButtonElement),
};
const body = byId('rows', HTMLElement);
const progress = byId('progress', HTMLProgressElement);
const status = byId('status', HTMLElement);
const agreement = byId('agreement', HTMLElement);
const ceilingLine = byId('ceilings', HTMLElement);

let worker: Worker | null = null;
let rows: Row[] = [];
let notes: string[] = [];
let ceilings: Ceilings | null = null;

const families = [...new Set(cases.map(({ name }) => name.split('/')[0]!))];
family.append(
  element('option', { value: 'selection' }, `a selection (${plural(SELECTION.length, 'row')})`),
  element('option', { value: 'all' }, `all (${plural(cases.length, 'row')})`),
  ...families.map((name) => element('option', { value: name }, name)),
);
const cores = navigator.hardwareConcurrency || 1;
threads.append(
  element('option', { value: '1' }, '1'),
  ...(cores > 1 ? [element('option', { value: String(cores) }, `${cores} (all)`)] : []),
);
const query = new URLSearchParams(location.search);
filter.value = query.get('filter') ?? '';
if (filter.value !== '') family.value = 'all';

function chosenNames(): string[] {
  const pattern = new RegExp(filter.value);
  const wanted = (name: string): boolean =>
    family.value === 'all' ||
    (family.value === 'selection' ? SELECTION.includes(name) : name.startsWith(`${family.value}/`));
  return cases.map(({ name }) => name).filter((name) => wanted(name) && pattern.test(name));
}

function run(): void {
  let names: string[];
  try {
    names = chosenNames();
  } catch (error) {
    showError(new Error(`Only names like: ${(error as Error).message}`));
    return;
  }
  if (names.length === 0) {
    showError(new Error(`no row matches ${filter.value}`));
    return;
  }
  [rows, notes, ceilings] = [[], [], null];
  body.replaceChildren();
  progress.max = names.length;
  progress.value = 0;
  status.textContent = 'measuring the ceilings of this machine';
  ask({
    do: 'measure',
    names,
    threads: Number(threads.value),
    digits: new URL('../data/mnist/', document.baseURI).href,
  });
}

/** Starts a worker that answers. */
function ask(request: BenchRequest): void {
  worker = new Worker(new URL('./bench.worker.ts', import.meta.url), { type: 'module', name: 'bench' });
  worker.onmessage = ({ data }: MessageEvent<BenchReply>) => took(data);
  worker.onerror = (event) => {
    showError(new Error(`the bench stopped: ${event.message || 'its worker is gone'}`));
    end('stopped');
  };
  worker.postMessage(request);
  enable();
}

function compare(): void {
  agreement.textContent = 'training 100 steps';
  ask({ do: 'compare', threads: Number(threads.value) });
}

function took(reply: BenchReply): void {
  switch (reply.is) {
    case 'ready':
      ({ ceilings } = reply);
      ceilingLine.textContent = ceilingText(ceilings);
      if (reply.threadsReason !== undefined) notes.push(`${plural(reply.threads, 'thread')}: ${reply.threadsReason}`);
      break;
    case 'measuring':
      status.textContent = reply.name;
      break;
    case 'row':
      rows.push(reply.row);
      progress.value++;
      body.append(rowElement(reply.row, reply.checked));
      break;
    case 'note':
      notes.push(`${reply.name}: ${reply.note}`);
      progress.value++;
      body.append(
        element('tr', {}, element('td', {}, reply.name), element('td', { colspan: '6', class: 'note' }, reply.note)),
      );
      break;
    case 'compared':
      agreement.textContent =
        `${reply.agrees ? 'yes, to the last bit' : `no: ${FIXED_RUN_DIGEST} is expected`}. The digest of the weights ` +
        `after 100 training steps here: ${reply.digest}`;
      end('compared');
      break;
    case 'error':
      showError(new Error(reply.message));
      end('stopped');
      break;
    case 'done':
      end(`done: ${plural(rows.length, 'row')}`);
      break;
  }
}

function end(text: string): void {
  worker?.terminate();
  worker = null;
  status.textContent = text;
  enable();
}

function enable(): void {
  buttons.run.disabled =
    buttons.compare.disabled =
    family.disabled =
    filter.disabled =
    threads.disabled =
      worker !== null;
  buttons.stop.disabled = worker === null;
  for (const button of [buttons.markdown, buttons.json, buttons.file])
    button.disabled = worker !== null || rows.length === 0;
}

function rowElement(row: Row, checked: true | null): HTMLElement {
  const copies = cases.find(({ name }) => name === row.name)!;
  const speed =
    copies.bound === 'copy'
      ? `${(copies.bytes / row.medianMs / 1e6).toFixed(1)} GB/s`
      : `${row.gflops.toFixed(1)} GFLOP/s`;
  const share = element('td', {}, row.percentOfCeiling === null ? '–' : `${row.percentOfCeiling.toFixed(0)} %`);
  if (row.percentOfCeiling !== null) {
    const meter = element('span', { class: 'meter', 'aria-hidden': 'true' }, element('span'));
    meter.style.setProperty('--share', `${Math.min(100, row.percentOfCeiling)}%`);
    share.append(meter);
  }
  return element(
    'tr',
    {},
    element('td', {}, row.name),
    element('td', {}, speed),
    share,
    element('td', {}, digits3(row.medianMs)),
    element('td', {}, `${digits3(row.p25)} to ${digits3(row.p75)}`),
    element('td', {}, String(row.threads)),
    element('td', {}, checked === null ? '–' : 'yes'),
  );
}

function ceilingText({ mulAddGflops, fmaGflops, copyGBps }: Ceilings): string {
  const value = (number: number | null, unit: string): string =>
    number === null ? 'not to be had in this engine' : `${number} ${unit}`;
  return (
    `Ceilings of one thread: multiply and add ${value(mulAddGflops, 'GFLOP/s')}, fused ` +
    `multiply-add ${value(fmaGflops, 'GFLOP/s')}, copy of 4 MB ${value(copyGBps, 'GB/s')}.`
  );
}

const machine = () => ({ engine: navigator.userAgent, cores, crossOriginIsolated, date: new Date().toISOString() });

function asMarkdown(): string {
  const { engine, date } = machine();
  return [
    `${engine}, ${plural(cores, 'core')}, ${date}`,
    ceilings === null ? '' : ceilingText(ceilings),
    rowTables(rows, cases),
    notes.map((note) => `- ${note}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const asJson = (): string => JSON.stringify({ machine: machine(), ceilings, rows, notes }, null, 1);

async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = `copied as ${what}`;
    say(`The results are copied as ${what}.`);
  } catch {
    byId('copied', HTMLTextAreaElement).value = text;
    byId('copied-holder', HTMLElement).hidden = false;
    byId('copied', HTMLTextAreaElement).select();
  }
}

buttons.run.addEventListener('click', run);
buttons.compare.addEventListener('click', compare);
buttons.stop.addEventListener('click', () => end(`stopped after ${plural(rows.length, 'row')}`));
buttons.markdown.addEventListener('click', () => {
  void copy(asMarkdown(), 'Markdown');
});
buttons.json.addEventListener('click', () => {
  void copy(asJson(), 'JSON');
});
buttons.file.addEventListener('click', () => download('bench.json', asJson(), 'application/json'));
enable();
