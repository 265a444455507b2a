/**
 * Wide kernels: where they come from, the flag of V8 that makes them fast, and the check that they are right and faster
 * here. Loaded only where `init({ wide: true })` asks for it.
 */
import { kernelsText } from './kernels.wide.generated.js';
import { TESTED_V8 } from './testedV8.js';
import type { Found } from './variants.js';
import { type Machine, machineOf, trials } from './wideTrials.js';

interface Process {
  readonly arch?: string;
  readonly versions?: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: (name: string) => unknown;
}

// This module shares no code with the others: it would cost those that never ask for it a chunk.
const { process } = globalThis as { process?: Process };

interface V8 {
  setFlagsFromString?: (flag: string) => void;
}

const FLAG = 'experimental-wasm-revectorize';
/** V8 of Node 24, the first that joins vectors. */
const FIRST_V8 = 13.6;
/** Milliseconds that the whole check takes at most. */
const PATIENCE = 300;
/** 16 MB. */
const PAGES = 256;
/** Milliseconds that runs are timed together for, where one is too short for the clock. */
const TURN = 0.4;

/**
 * What to load where wide kernels are asked for: those, if they compute the bits of the others here and are faster.
 *
 * @param found the others, or the kernels that the program gave: wide ones of those are taken as they are
 * @param unpack makes kernels of their text; undefined where the program gave the kernels
 */
export function takeWide(found: Found, unpack: ((text: string) => Uint8Array<ArrayBuffer>) | undefined): Found {
  if (unpack === undefined && found.variant !== 'wide')
    return { ...found, wideReason: 'wasm is not the wide kernels (give lanewise/kernels.wide.wasm)' };
  const refused = joinVectors();
  if (refused !== undefined) return { ...found, wideReason: refused };
  if (unpack === undefined) return { ...found, wideReason: untested() };
  const code = unpack(kernelsText);
  const failure = compare(found.code as Uint8Array<ArrayBuffer>, code);
  if (failure === undefined) return { code, variant: 'wide', wideReason: untested() };
  setFlag(`--no-${FLAG}`);
  return { ...found, wideReason: failure };
}

function setFlag(flag: string): void {
  (process?.getBuiltinModule?.('node:v8') as V8 | undefined)?.setFlagsFromString?.(flag);
}

/** Lets V8 join pairs of vectors, where it can be told to. Returns why it does not. */
function joinVectors(): string | undefined {
  const { node, v8 = '', bun, deno } = process?.versions ?? {};
  // Elsewhere the engine may have been started with the flag: the time that kernels take says it.
  if (node === undefined || bun !== undefined || deno !== undefined) return undefined;
  if (Number.parseFloat(v8) < FIRST_V8) return `V8 ${version(v8)} cannot join vectors, Node 24 and later can`;
  if (process?.arch !== 'x64') return `vectors of 256 bits need an x86-64 processor, this one is ${process?.arch}`;
  setFlag(`--${FLAG}`);
  return undefined;
}

/** What is to be said where the engine is none that all tests were run in. */
function untested(): string | undefined {
  const v8 = process?.versions?.v8;
  if (v8 === undefined) return 'wide kernels are not tested in this engine';
  return TESTED_V8.includes(version(v8)) ? undefined : `wide kernels are not tested in V8 ${version(v8)}`;
}

/** major.minor.build */
const version = (v8: string): string => v8.split('.', 3).join('.');

/** Runs the trials with both kernels in turns. Returns why the wide ones are not to be used. */
function compare(baseline: Uint8Array<ArrayBuffer>, wide: Uint8Array<ArrayBuffer>): string | undefined {
  const machines = [baseline, wide].map(start);
  const until = performance.now() + PATIENCE;
  let ratios = 1;
  for (const [i, trial] of trials.entries()) {
    const [before, now] = machines.map((machine) => trial(machine)) as [
      ReturnType<typeof trial>,
      ReturnType<typeof trial>,
    ];
    const end = performance.now() + (until - performance.now()) / (trials.length - i);
    // The first module of a pair is compiled while the second runs, and the other way: both have the same chances.
    const best = [Infinity, Infinity];
    for (let turns = 2; performance.now() < end || best.includes(Infinity); ) {
      const times = [now, before].map(({ run }) => timed(run, turns)).reverse();
      if (Math.min(...times) * turns < TURN) turns *= 2;
      for (const side of [0, 1]) best[side] = Math.min(best[side]!, times[side]!);
    }
    const bytes = now.result();
    if (!before.result().every((byte, at) => byte === bytes[at])) return 'the wide kernels compute other bits here';
    ratios *= best[0]! / best[1]!;
  }
  const gain = ratios ** (1 / trials.length);
  return gain > 1 ? undefined : `the wide kernels are not faster here (${gain.toFixed(2)} ×)`;
}

function start(code: Uint8Array<ArrayBuffer>): Machine {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
  return machineOf(instance, memory);
}

/** Milliseconds of one run. */
function timed(run: () => void, turns: number): number {
  const begin = performance.now();
  for (let i = 0; i < turns; i++) run();
  return (performance.now() - begin) / turns;
}
