/** The page: settings, runs, curves, what was learned, the pad. */

import { grouped, plural } from '../text/numbers.js';
import { Card } from './card.js';
import { Curves } from './curves.js';
import { type ArrivingDigits, fetchDigits, readFiles } from './digits.js';
import { byId, element, onColourChange } from './dom.js';
import { curvesPng, download, metricsCsv, metricsJson } from './downloads.js';
import { tryEngine } from './engine.js';
import { SettingsForm } from './form.js';
import { LearnedView } from './learned.js';
import { clearErrors, say, showError, WordedError, wordsOf } from './notices.js';
import { Pad } from './pad.js';
import { Run, type RunEvents } from './run.js';
import type { Side } from './settings.js';

/** The charts are drawn anew at most so often (ms), and what was learned while a run goes on. */
const DRAW_EVERY = 120;
const LEARNED_EVERY = 1500;

const button = (id: string): HTMLButtonElement => byId(id, HTMLButtonElement);
const buttons = { start: button('start'), pause: button('pause'), step: button('step'), reset: button('reset') };

let digits: ArrivingDigits | null = null;
const engine = tryEngine();

const events: RunEvents = {
  changed: () => schedule(),
  rested: (run) => {
    void pad.ask();
    if (run === looked()) void learned.refresh(true);
    if (run.phase === 'ended') say(`Run ${run.name} is done after ${plural(run.steps, 'step')}.`);
  },
  failed: (_run, error) => {
    showError(error);
    schedule();
  },
};

const runs: Readonly<Record<Side, Run>> = { a: new Run('a', events), b: new Run('b', events) };
const actions = {
  save: (run: Run) => {
    void attempt(() => saveWeights(run));
  },
  load: (run: Run, file: File) => {
    void attempt(() => loadWeights(run, file));
  },
};
const cards = { a: new Card(runs.a, actions), b: new Card(runs.b, actions) };
const form = new SettingsForm(showSides);
const charts = [
  new Curves(byId('loss-chart', HTMLElement), 'loss'),
  new Curves(byId('accuracy-chart', HTMLElement), 'accuracy'),
];
const pad = new Pad();
const learned = new LearnedView((index) => {
  void learned.chooseDigit(index);
  void pad.showTestDigit(index);
});

const shownRuns = (): readonly Run[] => form.sides.map((side) => runs[side]);

// ---- Showing ----

let drawn = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let learnedAt = 0;

/** Draws soon, but not too often. */
function schedule(): void {
  timer ??= setTimeout(() => requestAnimationFrame(draw), Math.max(0, DRAW_EVERY - (performance.now() - drawn)));
}

function draw(): void {
  timer = undefined;
  drawn = performance.now();
  const shown = shownRuns();
  for (const { side } of shown) cards[side].show();
  for (const chart of charts) chart.show(shown);
  const running = shown.some(({ phase }) => phase === 'running');
  const busy = running || shown.some(({ phase }) => phase === 'starting');
  const paused = shown.some(({ phase }) => phase === 'paused');
  buttons.start.disabled = busy || digits === null;
  buttons.pause.disabled = !running && !paused;
  buttons.pause.textContent = running || !paused ? 'Pause' : 'Resume';
  buttons.step.disabled = busy || digits === null;
  buttons.reset.disabled = shown.every(({ phase }) => phase === 'empty');
  if (running && drawn - learnedAt > LEARNED_EVERY) {
    learnedAt = drawn;
    void learned.refresh(false);
    void pad.ask();
  }
}

function showSides(): void {
  if (form.sides.length === 1) {
    runs.b.reset();
    byId('look-a', HTMLInputElement).checked = true;
  }
  byId('cards', HTMLElement).replaceChildren(...form.sides.map((side) => cards[side].root));
  byId('look', HTMLElement).hidden = form.sides.length === 1;
  pad.runs = shownRuns();
  learned.look(looked());
  schedule();
}

/** The run whose network is looked into. */
function looked(): Run {
  return byId('look-b', HTMLInputElement).checked ? runs.b : runs.a;
}

// ---- Acting ----

async function attempt(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    showError(error);
  }
}

/** Builds the networks of the settings, each at its first step. */
async function prepare(wanted: readonly Run[]): Promise<void> {
  if (digits === null) return;
  const [data, { threads }] = [digits, await engine];
  const recipes = wanted.map(({ side }) => form.recipe(side));
  // Two runs share the cores.
  const each = Math.max(1, Math.floor(threads / wanted.length));
  await Promise.all(wanted.map((run, i) => run.start(recipes[i]!, data, each)));
  pad.runs = shownRuns();
  learned.look(looked());
}

async function start(): Promise<void> {
  clearErrors();
  const wanted = shownRuns();
  await prepare(wanted);
  for (const run of wanted) run.resume();
}

async function pauseOrResume(): Promise<void> {
  const running = shownRuns().filter(({ phase }) => phase === 'running');
  if (running.length > 0) await Promise.all(running.map((run) => run.pause()));
  else for (const run of shownRuns()) run.resume();
}

async function step(): Promise<void> {
  const shown = shownRuns();
  if (!shown.some(({ phase }) => phase === 'paused')) {
    clearErrors();
    await prepare(shown);
  }
  await Promise.all(shown.map((run) => run.step()));
}

function reset(): void {
  clearErrors();
  for (const run of Object.values(runs)) run.reset();
  pad.runs = shownRuns();
  learned.look(looked());
  say('');
}

async function saveWeights(run: Run): Promise<void> {
  const bytes = await run.ask<Uint8Array<ArrayBuffer>>('weights');
  const name = `${run.recipe!.settings.model}-${run.side}.safetensors`;
  download(name, bytes, 'application/octet-stream');
  say(`The weights of run ${run.name} are in ${name}.`);
}

async function loadWeights(run: Run, file: File): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (!run.alive) await prepare([run]);
  if (!run.alive) return;
  try {
    await run.load(bytes);
  } catch (error) {
    const { message, hint } = wordsOf(error);
    throw new WordedError({ message: `${file.name} is not loaded into run ${run.name}: ${message}`, hint });
  }
  pad.runs = shownRuns();
  say(`Run ${run.name} has the weights of ${file.name}.`);
}

// ---- Data ----

function useDigits(read: ArrivingDigits): void {
  digits = read;
  reset();
  pad.digits = read;
  learned.digits = read;
  const { train, test, source, height, width, notes } = read;
  byId('data-line', HTMLElement).textContent =
    `${source}: ${grouped(train.count)} training and ${grouped(test.count)} test ` +
    `images of ${height}×${width}. ${notes.join(' ')}`;
  schedule();
}

async function takeFiles(files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  clearErrors();
  const [first] = files;
  if (files.length === 1 && first!.name.endsWith('.safetensors')) {
    await loadWeights(looked(), first!);
    return;
  }
  const read = await readFiles(files);
  if (read.is === 'digits') useDigits(read.digits);
  else {
    pad.show(read.digit);
    byId('pad', HTMLElement).scrollIntoView({ block: 'center' });
  }
}

function takeDrops(zone: HTMLElement): void {
  const over =
    (on: boolean) =>
    (event: DragEvent): void => {
      event.preventDefault();
      zone.classList.toggle('over', on);
    };
  // Anywhere on the page: a file that misses the zone must not replace the page.
  document.addEventListener('dragover', over(true));
  document.addEventListener('dragleave', over(false));
  document.addEventListener('drop', (event) => {
    over(false)(event);
    void attempt(() => takeFiles([...(event.dataTransfer?.files ?? [])]));
  });
  const input = byId('files', HTMLInputElement);
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = '';
    void attempt(() => takeFiles(files));
  });
}

// ---- The beginning ----

buttons.start.addEventListener('click', () => {
  void attempt(start);
});
buttons.pause.addEventListener('click', () => {
  void attempt(pauseOrResume);
});
buttons.step.addEventListener('click', () => {
  void attempt(step);
});
buttons.reset.addEventListener('click', reset);
button('defaults').addEventListener('click', () => {
  form.reset();
  showSides();
});
byId('smoothing', HTMLSelectElement).addEventListener('change', ({ target }) => {
  for (const chart of charts) chart.window = Number((target as HTMLSelectElement).value);
});
byId('log-loss', HTMLInputElement).addEventListener('change', ({ target }) => {
  charts[0]!.logarithmic = (target as HTMLInputElement).checked;
});
button('unzoom').addEventListener('click', () => {
  for (const chart of charts) chart.unzoom();
});
button('save-csv').addEventListener('click', () => download('metrics.csv', metricsCsv(shownRuns()), 'text/csv'));
button('save-json').addEventListener('click', () =>
  download('metrics.json', metricsJson(shownRuns()), 'application/json'),
);
button('save-png').addEventListener('click', () => {
  void attempt(async () => download('curves.png', await curvesPng(charts, shownRuns()), 'image/png'));
});
button('refresh').addEventListener('click', () => {
  void learned.refresh(true);
});
for (const id of ['look-a', 'look-b'])
  byId(id, HTMLInputElement).addEventListener('change', () => learned.look(looked()));
onColourChange(() => {
  for (const chart of charts) chart.rebuild();
  learned.redraw();
});
takeDrops(byId('drop', HTMLElement));
showSides();

void engine.then(({ line, lacking }) => {
  const place = byId('engine', HTMLElement);
  place.replaceChildren(element('span', lacking ? { class: 'lacking' } : {}, line));
});
void attempt(async () => useDigits(await fetchDigits(new URL('data/mnist/', document.baseURI).href))).then(() => {
  if (digits === null) byId('data-line', HTMLElement).textContent = 'No digits yet: drop IDX or PNG files here.';
});
