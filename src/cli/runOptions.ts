import type { OptionTable } from '../recipes/index.js';

/** What decides how a run is shown and kept, and nothing about its weights. */
export const RUN_OPTIONS = {
  threads: {
    kind: 'integer',
    minimum: 1,
    maximum: 64,
    default: null,
    value: 'N',
    help: 'threads to compute with; the weights are the same bits with any number',
    defaultHelp: 'all processors',
  },
  wide: {
    kind: 'flag',
    default: false,
    help: 'use AVX2 through an experimental flag of V8 (Node 24 and later); the weights are the same bits',
  },
  out: {
    kind: 'text',
    default: null,
    value: 'DIR',
    help: 'directory of the run: config.json, metrics.jsonl, best.safetensors, last.safetensors, report.html',
    defaultHelp: 'runs/MODEL-DATASET, numbered',
  },
  resume: {
    kind: 'text',
    default: null,
    value: 'DIR',
    help:
      'continue the run in DIR, with its settings; --epochs and --steps may move ' +
      'its end, --data tell where the files are now',
  },
  checkpointEvery: {
    kind: 'integer',
    minimum: 1,
    maximum: 2 ** 31 - 1,
    default: null,
    value: 'N',
    help: 'write a checkpoint every N steps, besides those after each epoch',
    defaultHelp: 'every minute',
  },
  logEvery: {
    kind: 'integer',
    minimum: 1,
    maximum: 2 ** 31 - 1,
    default: null,
    value: 'N',
    help: 'log the loss every N steps',
    defaultHelp: 'of none',
  },
  report: {
    kind: 'flag',
    default: true,
    help: 'write report.html into the directory of the run at its end',
    offHelp: 'write no report.html',
  },
  json: {
    kind: 'flag',
    default: false,
    help: 'print one JSON object per line (events start, step, epoch, done) and nothing else on stdout',
  },
} as const satisfies OptionTable;
