/** Runs the built command line, as a user would. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encode } from 'fast-png';
import { uniform } from '../support/random.js';

export const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What was printed, line by line, as JSON. */
  readonly events: Record<string, unknown>[];
}

/**
 * @param onLine called with each line of stdout while it runs
 * @param cli the built program, where it is not that of this directory
 * @param killAfter milliseconds after which it is killed
 */
export function lanewise(
  args: readonly string[],
  onLine?: (line: string, child: ChildProcess) => void,
  cwd = workspace(),
  cli = CLI,
  killAfter?: number,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(killAfter !== undefined && { timeout: killAfter, killSignal: 'SIGKILL' }),
    });
    let stdout = '';
    let stderr = '';
    let told = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const lines = stdout.split('\n');
      for (; told < lines.length - 1; told++) onLine?.(lines[told]!, child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({
        code,
        stdout,
        stderr,
        get events() {
          return stdout
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Record<string, unknown>);
        },
      }),
    );
  });
}

let made: string | undefined;

/** A directory of its own for this file of tests. */
export function workspace(): string {
  return (made ??= fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-cli-')));
}

export function removeWorkspace(): void {
  if (made !== undefined) fs.rmSync(made, { recursive: true });
  made = undefined;
}

/** Bytes of an IDX file. */
function idx(sizes: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x0800 + sizes.length, 0);
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, values]);
}

/** 28×28 pixels: a bright row whose height is the class, and noise. */
export function digit(label: number, random: () => number): Uint8Array {
  return Uint8Array.from({ length: 784 }, (_, i) =>
    Math.floor(i / 28) === 4 + 2 * label ? 255 : random() < 0.1 ? Math.floor(random() * 256) : 0,
  );
}

/** A data set with MNIST's file names in `DIR/data`: 120 training and 60 test images. */
export function makeData(): string {
  const directory = path.join(workspace(), 'data');
  fs.mkdirSync(directory, { recursive: true });
  const random = uniform(11);
  for (const [part, count] of [
    ['train', 120],
    ['t10k', 60],
  ] as const) {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
    const images = Buffer.concat(Array.from(labels, (label) => digit(label, random)));
    fs.writeFileSync(path.join(directory, `${part}-images-idx3-ubyte`), idx([count, 28, 28], images));
    fs.writeFileSync(path.join(directory, `${part}-labels-idx1-ubyte`), idx([count], labels));
  }
  return directory;
}

/** Writes a PNG and returns its path. */
export function makePng(name: string, image: Parameters<typeof encode>[0]): string {
  const file = path.join(workspace(), name);
  fs.writeFileSync(file, encode(image));
  return file;
}

/**
 * A data set with CIFAR-10's file names in `DIR/cifar`: 100 training and 40 test images whose mean colour tells the
 * class.
 */
export function makeCifarData(): string {
  const directory = path.join(workspace(), 'cifar');
  fs.mkdirSync(directory, { recursive: true });
  const random = uniform(12);
  for (const [file, count] of [
    ['data_batch_1.bin', 100],
    ['test_batch.bin', 40],
  ] as const) {
    const records = Array.from({ length: count }, (_, i) => [
      i % 10,
      ...Array.from({ length: 3072 }, () => Math.floor(20 * (i % 10) + 50 * random())),
    ]);
    fs.writeFileSync(path.join(directory, file), Uint8Array.from(records.flat()));
  }
  return directory;
}
