/** What is shown of many runs: bars on a terminal, lines or events elsewhere. */
import process from 'node:process';
import { MultiBar, type SingleBar } from 'cli-progress';
import type { RunEvent } from '../experiments/executor.js';
import type { RunRequest } from '../experiments/request.js';
import { lineOf, type RunResult } from '../experiments/result.js';
import type { PlannedRun, StudyOptions } from '../studies/runStudy.js';
import { percent, plural, roundedDuration } from '../text/numbers.js';
import type { Output } from './output.js';
import { visible } from './visible.js';

/** Units of a bar: cli-progress counts whole numbers well. */
const FINE = 1000;

interface Active {
  readonly request: RunRequest;
  readonly epochs: number;
  /** Share that was done when it was taken up, and when that was. */
  readonly from: number;
  readonly since: number;
  done: number;
  loss: number | null;
  accuracy: number | null;
  bar: SingleBar | null;
}

/** How long runs take, learned from those that are under way or done, row by row. */
export class Pace {
  /** Seconds and epochs of each row. */
  readonly #rows = new Map<string, { seconds: number; epochs: number }>();

  /** @param epochs that took so many seconds */
  add(row: string, seconds: number, epochs: number): void {
    const known = this.#rows.get(row) ?? { seconds: 0, epochs: 0 };
    this.#rows.set(row, { seconds: known.seconds + seconds, epochs: known.epochs + epochs });
  }

  /** Seconds per epoch: of the row, or else of all rows; null while nothing is known. */
  of(row: string): number | null {
    const known = this.#rows.get(row);
    if (known !== undefined && known.epochs > 0) return known.seconds / known.epochs;
    const all = [...this.#rows.values()]
      .filter(({ epochs }) => epochs > 0)
      .map(({ seconds, epochs }) => seconds / epochs);
    return all.length === 0 ? null : all.reduce((sum, each) => sum + each, 0) / all.length;
  }
}

/** One bar for all runs and one for each that is under way; a line for each that is at its end. */
export class RunsView {
  readonly #bars: MultiBar | null;
  #total: SingleBar | null = null;
  readonly #active = new Map<string, Active>();
  readonly #waiting = new Map<string, PlannedRun>();
  readonly #pace = new Pace();
  readonly #notes = new Set<string>();
  #runs = 0;
  #ended = 0;

  /** @param jobs runs at a time; null: as many as the workers of a queue take */
  constructor(
    private readonly output: Output,
    private readonly jobs: number | null,
  ) {
    this.#bars =
      !output.json && process.stderr.isTTY
        ? new MultiBar({
            format: '{name} {bar} {percentage}%  {text}',
            stream: process.stderr,
            hideCursor: true,
            gracefulExit: false,
            clearOnComplete: true,
            barsize: 20,
            barCompleteChar: '█',
            barIncompleteChar: '░',
            autopadding: true,
            emptyOnZero: true,
          })
        : null;
  }

  get listeners(): Required<Pick<StudyOptions, 'onPlan' | 'onEvent' | 'onRetry' | 'onResult' | 'onNote'>> {
    return {
      onPlan: (plan) => this.plan(plan),
      onEvent: (request, event) => this.#event(request, event),
      onRetry: (request, error) => this.#retry(request, error),
      onResult: (request, result) => this.#result(request, result),
      onNote: (text) => this.note(`note: ${text}`),
    };
  }

  plan({ runs, done }: { readonly runs: readonly PlannedRun[]; readonly done: readonly RunResult[] }): void {
    const more = this.#runs > 0;
    this.#ended += done.length;
    this.#runs += runs.length + done.length;
    for (const run of runs) this.#waiting.set(run.id, run);
    for (const { row, seconds, history } of done) this.#pace.add(row, seconds, history.length);
    this.output.event('plan', { runs: this.#runs, done: this.#ended });
    this.output.line(
      `${plural(runs.length + done.length, more ? 'more run' : 'run')}` +
        `${done.length === 0 ? '' : `, ${done.length} of them done before`}, ` +
        (this.jobs === null ? 'through the queue' : `${this.jobs} at a time`),
    );
    if (this.#total !== null) this.#bars?.remove(this.#total);
    this.#total = this.#bars?.create(this.#runs * FINE, this.#ended * FINE, { name: 'all runs', text: '' }) ?? null;
    this.#refresh();
  }

  note(text: string): void {
    // Bars that are not drawn yet would not show it.
    if (this.#bars === null || this.#total === null) this.output.note(text);
    else this.#bars.log(`${visible(text)}\n`);
  }

  /** Takes the bars off the screen. */
  close(): void {
    if (this.#total === null) return;
    // Lines that were not drawn yet would be lost.
    this.#bars?.update();
    this.#bars?.stop();
    this.#total = null;
  }

  #event(request: RunRequest, event: RunEvent): void {
    switch (event.event) {
      case 'start': {
        this.#noteOnce(event.notes);
        this.#waiting.delete(request.id);
        this.#end(request.id);
        // A trial whose result was lost may have trained further than the round that repeats it.
        const done = event.epoch >= event.epochs ? 1 : event.epoch / event.epochs;
        this.#active.set(request.id, {
          request,
          epochs: event.epochs,
          from: done,
          since: performance.now(),
          done,
          loss: null,
          accuracy: null,
          bar: this.#bars?.create(FINE, done * FINE, { name: visible(request.id), text: '' }) ?? null,
        });
        this.output.event('start', { run: request.id, pid: event.pid, epoch: event.epoch, epochs: event.epochs });
        break;
      }
      case 'progress':
      case 'epoch': {
        const active = this.#active.get(request.id);
        if (active === undefined) return;
        active.done = event.event === 'progress' ? event.done : event.epoch / active.epochs;
        active.loss = event.trainLoss;
        if (event.event === 'epoch') {
          active.accuracy = event.testAccuracy;
          const { event: _, ...metrics } = event;
          this.output.event('epoch', { run: request.id, ...metrics });
          if (this.#bars === null)
            this.output.line(
              `${request.id}  epoch ${event.epoch}/${active.epochs}  train loss ${event.trainLoss.toFixed(4)}` +
                (event.testAccuracy === null ? '' : `  accuracy ${percent(event.testAccuracy)}`) +
                this.#etaText(),
            );
        }
        break;
      }
    }
    this.#refresh();
  }

  /** All runs of a study have the same to say about its data. */
  #noteOnce(notes: readonly string[]): void {
    for (const note of notes) {
      if (this.#notes.has(note)) continue;
      this.#notes.add(note);
      this.note(`note: ${note}`);
    }
  }

  #retry(request: RunRequest, error: unknown): void {
    const reason = lineOf(error);
    this.output.event('retry', { run: request.id, error: reason });
    if (this.output.json) return;
    this.note(`${request.id} crashed (${reason}); it goes on from its last checkpoint`);
  }

  #result(request: RunRequest, result: RunResult): void {
    const active = this.#active.get(request.id);
    if (active !== undefined)
      this.#pace.add(request.row, (performance.now() - active.since) / 1000, (1 - active.from) * active.epochs);
    this.#end(request.id);
    this.#waiting.delete(request.id);
    this.#ended++;
    const { status, divergence, error, validation, finalTestAccuracy, bestTestAccuracy, digest, seconds } = result;
    this.output.event('result', {
      run: request.id,
      status,
      divergence,
      error,
      validation,
      finalTestAccuracy,
      bestTestAccuracy,
      digest,
      seconds,
    });
    const line = `${this.#ended}/${this.#runs}  ${request.id}  ${describe(result)}  ${roundedDuration(seconds)}`;
    if (this.#bars !== null) this.note(line);
    else {
      this.output.line(line);
      if (status === 'failed') this.note(`error: ${request.id} ${describe(result)}`);
    }
    this.#refresh();
  }

  #end(id: string): void {
    const bar = this.#active.get(id)?.bar;
    if (bar != null) this.#bars?.remove(bar);
    this.#active.delete(id);
  }

  #refresh(): void {
    if (this.#total === null) return;
    const under = [...this.#active.values()].reduce((sum, { done }) => sum + done, 0);
    this.#total.update(Math.floor((this.#ended + under) * FINE), {
      text: `${this.#ended} of ${this.#runs}, ${this.#active.size} under way${this.#etaText()}`,
    });
    for (const active of this.#active.values()) {
      const left = this.#secondsLeft(active);
      active.bar?.update(Math.floor(active.done * FINE), {
        text: [
          `epoch ${Math.min(active.epochs, Math.floor(active.done * active.epochs) + 1)}/${active.epochs}`,
          active.loss === null ? '' : `loss ${active.loss.toFixed(4)}`,
          active.accuracy === null ? '' : `accuracy ${percent(active.accuracy)}`,
          left === null ? '' : `ETA ${roundedDuration(left)}`,
        ]
          .filter((part) => part !== '')
          .join('  '),
      });
    }
  }

  #secondsLeft({ request, epochs, from, since, done }: Active): number | null {
    const elapsed = (performance.now() - since) / 1000;
    if (done > from && elapsed > 1) return (elapsed / (done - from)) * (1 - done);
    const pace = this.#pace.of(request.row);
    return pace === null ? null : pace * epochs * (1 - done);
  }

  /** Seconds until all runs are at their end; null while nothing is known. */
  #eta(): number | null {
    let sum = 0;
    let longest = 0;
    for (const active of this.#active.values()) {
      const left = this.#secondsLeft(active);
      if (left === null) return null;
      sum += left;
      longest = Math.max(longest, left);
    }
    const active = [...this.#active.values()].map((run) => ({
      row: run.request.row,
      left: this.#secondsLeft(run),
      run,
    }));
    const paceNow = active
      .filter(({ run }) => run.done > run.from)
      .map(({ run }) => (performance.now() - run.since) / 1000 / ((run.done - run.from) * run.epochs));
    const typical = paceNow.length === 0 ? null : paceNow.reduce((a, b) => a + b, 0) / paceNow.length;
    for (const { row, epochs } of this.#waiting.values()) {
      const pace = this.#pace.of(row) ?? typical;
      if (pace === null) return null;
      sum += pace * epochs;
    }
    return Math.max(longest, sum / (this.jobs ?? Math.max(1, this.#active.size)));
  }

  #etaText(): string {
    const eta = this.#eta();
    return eta === null ? '' : `  ETA ${roundedDuration(eta)}`;
  }
}

function describe({ status, divergence, error, finalTestAccuracy, bestTestAccuracy, atChance }: RunResult): string {
  if (status === 'failed') return `failed: ${error ?? 'no reason is known'}`;
  if (status === 'diverged') return `diverged: ${divergence!.reason}`;
  if (finalTestAccuracy === null) return 'done';
  return (
    `accuracy ${percent(finalTestAccuracy)}, ` +
    `best ${percent(bestTestAccuracy!)}${atChance ? ' (no better than chance)' : ''}`
  );
}
