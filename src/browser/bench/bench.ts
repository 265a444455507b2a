/** The page of benchmarks: which rows, the table as it grows, and its copies as Markdown and JSON. */
import { cases } from '../../../bench/cases.js';
import { type Ceilings, type Row, rowTables } from '../../../bench/report.js';
import { plural } from '../../text/numbers.js';
import { byId, element } from '../dom.js';
import { download } from '../downloads.js';
import { digits3 } from '../format.js';
import { say, showError } from '../notices.js';
import type { BenchReply, BenchRequest } from './protocol.js';

/** What is measured where nothing else is chosen: each kind of kernel, and whole steps. */
const SELECTION = [
  'sgemm/256x256x256',
  'sgemm/512x512x512',
  'linear/100x784-1024/forward',
  'conv3x3/16x28x28-16/forward',
  'conv3x3/16x28x28-16/backward-input',
  'conv3x3/16x28x28-16/backward-weight',
  'batchNorm/100x16x28x28/forward',
  'batchNorm/100x16x28x28/backward',
  'maxPool/100x6x28x28/forward',
  'relu/100x16x28x28/forward',
  'softmaxCrossEntropy/1000x1000/forward',
  'update/sgd-1048576',
  'update/adam-1048576',
  'train/W2b',
  'train/W3b',
  'train/W4-64-sgd',
  'infer/lenet5-256',
];

const family = byId('family', HTMLSelectElement);
const filter = byId('filter', HTMLInputElement);
const threads = byId('threads', HTMLSelectElement);
const buttons = {
  run: byId('run', HTMLButtonElement),
  stop: byId('stop', HTMLButtonElement),
  markdown: byId('copy-markdown', HTMLButtonElement),
  json: byId('copy-json', HTMLButtonElement),
  file: byId('save-json', HTMLButtonElement),
};
const body = byId('rows', HTMLElement);
const progress = byId('progress', HTMLProgressElement);
const status = byId('status', HTMLElement);
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
  worker = new Worker(new URL('./bench.worker.ts', import.meta.url), { type: 'module', name: 'bench' });
  worker.onmessage = ({ data }: MessageEvent<BenchReply>) => took(data);
  worker.onerror = (event) => {
    showError(new Error(`the bench stopped: ${event.message || 'its worker is gone'}`));
    end('stopped');
  };
  worker.postMessage({
    names,
    threads: Number(threads.value),
    digits: new URL('../data/mnist/', document.baseURI).href,
  } satisfies BenchRequest);
  status.textContent = 'measuring the ceilings of this machine';
  enable();
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
  buttons.run.disabled = family.disabled = filter.disabled = threads.disabled = worker !== null;
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
buttons.stop.addEventListener('click', () => end(`stopped after ${plural(rows.length, 'row')}`));
buttons.markdown.addEventListener('click', () => {
  void copy(asMarkdown(), 'Markdown');
});
buttons.json.addEventListener('click', () => {
  void copy(asJson(), 'JSON');
});
buttons.file.addEventListener('click', () => download('bench.json', asJson(), 'application/json'));
enable();
