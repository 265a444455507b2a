/** What comes from files reaches a terminal without control characters, in every way that the command line prints. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/cli/usage.js';
import { visible, visibleError, visibleJson } from '../../src/cli/visible.js';
import {
  CheckpointError,
  decodeSafetensors,
  encodeSafetensors,
  FileFormatError,
  type Safetensors,
  ShapeError,
} from '../../src/index.js';
import { CLI, lanewise, makeData, makePng, removeWorkspace, workspace } from './lanewise.js';

/** Everything that acts on a terminal or is not seen, with the escapes that stand for it. */
const HOSTILE: readonly (readonly [raw: string, shown: string])[] = [
  ['\x1b[31m', '\\x1b[31m'],
  ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
  ['\x9b2J', '\\x9b2J'],
  ['\b\x7f', '\\x08\\x7f'],
  ['\n\r\t', '\\n\\r\\t'],
  ['\x00', '\\x00'],
  ['\x85', '\\x85'],
  ['\u202e\u2066', '\\u202e\\u2066'],
  ['\u200b\ufeff', '\\u200b\\ufeff'],
  ['\u2028\u2029', '\\u2028\\u2029'],
  ['\u{e0041}', '\\u{e0041}'],
  ['\u3164\u00ad', '\\u3164\\xad'],
  ['\ud800', '\\ud800'],
];
const RAW = HOSTILE.map(([raw]) => raw).join('.');
const SHOWN = HOSTILE.map(([, shown]) => shown).join('.');
/** As much of it as the name of a file can have: no zero byte, no half of a pair. */
const inName = (text: string): string =>
  text
    .replace(/\0|\ud800/g, '')
    .replace('\\x00', '')
    .replace('\\ud800', '');
const UNSEEN = /[^\n\P{C}]|[\u2028\u2029\u3164]/u;

describe('visible', () => {
  test('escapes what acts on a terminal or is not seen, and nothing else', () => {
    expect(visible(RAW)).toBe(SHOWN);
    const plain = 'Grüße, 数字 ٧ é ❤️ 😀 ~/runs/a b\\n "quoted" ×∞–…';
    expect(visible(plain)).toBe(plain);
  });

  test('as JSON it is the same value', () => {
    const value = { [RAW]: [RAW, 'ü', 1, null] };
    const text = visibleJson(value);
    expect(text).not.toMatch(UNSEEN);
    expect(text).not.toContain('\n');
    expect(JSON.parse(text)).toEqual(value);
    expect(visibleJson('Grüße 😀')).toBe('"Grüße 😀"');
  });

  test('errors keep the lines that are theirs, and none of what they quote', () => {
    const forged = 'a\n  hint: run this\nerror: \x1b[31m';
    const shown = 'a\\n  hint: run this\\nerror: \\x1b[31m';
    const wrong = new ShapeError('is wrong', { where: forged, hint: `look into ${forged}` });
    expect(visibleError(wrong)).toBe(`${shown}: is wrong\n  hint: look into ${shown}`);
    const cause = new SyntaxError(`Unexpected token in "${forged}"`);
    const unreadable = new FileFormatError(`cannot be read: ${cause.message}`, { file: forged, cause });
    expect(visibleError(unreadable)).toBe(`${shown}: cannot be read: Unexpected token in "${shown}"`);
    const outer = new CheckpointError(unreadable.message, { where: 'loaded', hint: 'mend', cause: unreadable });
    expect(visibleError(outer)).toBe(`loaded: ${visibleError(unreadable)}\n  hint: mend`);
    const listed = new CheckpointError('it does not fit\n  2 keys missing: a, b\nforged');
    expect(visibleError(listed)).toBe('it does not fit\n  2 keys missing: a, b\\nforged');
    expect(visibleError(new UsageError(forged))).toBe(shown);
    expect(visibleError(new UsageError(unreadable.message, { cause: unreadable }))).toBe(visibleError(unreadable));
    const stack = visibleError(new TypeError(forged));
    expect(stack.split('\n')[0]).toBe(`TypeError: ${shown}`);
    expect(stack.split('\n')[1]).toMatch(/^ {4}at /);
    expect(visibleError(forged)).toBe(shown);
  });
});

describe.skipIf(process.platform === 'win32')('lanewise with names from files', () => {
  let best: string;
  const name = `${inName(RAW)}.png`;
  const shownName = `${inName(SHOWN)}.png`;

  beforeAll(async () => {
    const run = path.join(workspace(), 'run');
    const args = ['--model', 'mlp', '--hidden', '4', '--data', makeData(), '--epochs', '1', '--out', run];
    expect(await lanewise(['train', ...args])).toMatchObject({ code: 0, stderr: '' });
    best = path.join(run, 'best.safetensors');
  });
  afterAll(removeWorkspace);

  /** A copy of the weights with another header. */
  function weights(file: string, change: (stored: Safetensors) => Parameters<typeof encodeSafetensors>): string {
    const place = path.join(workspace(), file);
    fs.writeFileSync(place, encodeSafetensors(...change(decodeSafetensors(fs.readFileSync(best)))));
    return place;
  }

  test('predict: a picture and classes with hostile names', async () => {
    const picture = makePng(name, {
      width: 28,
      height: 28,
      data: Uint8Array.from({ length: 784 }, (_, i) => i % 256),
      channels: 1,
    });
    const hostile = weights('classes.safetensors', ({ tensors, metadata }) => {
      const task = JSON.parse(metadata.lanewise!) as object;
      return [tensors, { lanewise: JSON.stringify({ ...task, classNames: Array(10).fill(RAW) }) }];
    });
    const lines = await lanewise(['predict', '--checkpoint', hostile, picture]);
    expect(lines).toMatchObject({ code: 0, stderr: '' });
    expect(lines.stdout).not.toMatch(UNSEEN);
    expect(lines.stdout.split('\n').length).toBe(2);
    expect(lines.stdout.startsWith(`${path.join(workspace(), shownName)}: ${SHOWN} `)).toBe(true);
    const json = await lanewise(['predict', '--checkpoint', hostile, '--json', picture]);
    expect(json.stdout).not.toMatch(UNSEEN);
    expect(json.events).toMatchObject([{ event: 'prediction', file: picture, label: RAW }]);
  });

  test('errors: files that are not there, damaged ones, keys, settings, options', async () => {
    const damaged = path.join(workspace(), `damaged ${name}`);
    fs.writeFileSync(damaged, 'no picture');
    const key = `k\n  hint: forged ${RAW}`;
    const keys = weights('keys.safetensors', ({ tensors, metadata }) => [
      { ...tensors, [key]: Object.values(tensors)[0]! },
      metadata,
    ]);
    const broken = path.join(workspace(), 'broken');
    fs.cpSync(path.dirname(best), broken, { recursive: true });
    fs.writeFileSync(path.join(broken, 'config.json'), `{\n  "model": ${RAW}\n  hint: forged`);
    const runs: readonly (readonly [args: readonly string[], code: number])[] = [
      [['predict', '--checkpoint', best, `nothing ${inName(RAW)}`], 1],
      [['predict', '--checkpoint', best, damaged], 1],
      [['predict', '--checkpoint', `nowhere ${inName(RAW)}`, damaged], 1],
      [['eval', '--checkpoint', keys], 1],
      [['train', '--resume', broken, '--epochs', '2'], 1],
      [['train', '--out', `${damaged}/sub`, '--steps', '1'], 1],
      [['train', `--${inName(RAW).replaceAll('\n', '')}`], 2],
      [['train', '--model', inName(RAW).replaceAll('\n', '')], 2],
      [['experiment', inName(RAW)], 2],
    ];
    for (const [args, code] of runs) {
      const options = { encoding: 'utf8', cwd: workspace(), timeout: 50_000 } as const;
      const result = spawnSync(process.execPath, [CLI, ...args], options);
      expect({ args, code: result.status, stdout: result.stdout }).toEqual({ args, code, stdout: '' });
      const text = result.stderr.replace(/^note: .*\n/gm, '');
      expect(text, args.join(' ')).not.toMatch(UNSEEN);
      expect(text).toMatch(/^error: .*\\(x1b|u001b)|forged/);
      // Lines of ours are indented, or say where to find help.
      const more = text.trimEnd().split('\n').slice(1);
      for (const line of more) expect(line, text).toMatch(/^ {2}(?!hint: forged)|^\(add --help/);
    }
  });
});
