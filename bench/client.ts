/** The bench's side of a contender: a child process that answers one request after the other. */
import { type ChildProcess, spawn } from 'node:child_process';
import readline from 'node:readline';
import type { Reply, Request } from './work.js';

/** What a contender answered instead: that it has no such operation, or what went wrong. */
export class ContenderError extends Error {
  constructor(
    message: string,
    readonly unsupported: boolean,
  ) {
    super(message);
  }
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs its program when it is first asked for something, and again after it died or was too slow. */
export class Client {
  private child: ChildProcess | null = null;
  private pending: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | null = null;
  private complaints = '';

  constructor(private readonly command: Command) {}

  /**
   * Sends a request and waits for the answer.
   *
   * @throws {ContenderError} when it answers with an error, dies, or takes longer than `patienceMs`
   */
  async ask<R extends Request>(request: R, patienceMs: number): Promise<Extract<Reply, { is: R['do'] }>> {
    const child = this.child ?? this.start();
    const answer = new Promise<Reply>((resolve, reject) => {
      this.pending = { resolve, reject };
    });
    const timer = setTimeout(() => {
      this.fail(`no answer within ${patienceMs / 1000} s`);
      this.stop();
    }, patienceMs);
    child.stdin!.write(`${JSON.stringify(request)}\n`);
    try {
      const reply = await answer;
      if (reply.is === 'error') throw new ContenderError(reply.message, reply.unsupported);
      return reply as Extract<Reply, { is: R['do'] }>;
    } finally {
      clearTimeout(timer);
    }
  }

  private start(): ChildProcess {
    const { program, args, env } = this.command;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.child = child;
    this.complaints = '';
    child.stdin!.on('error', () => {}); // A child that is gone is reported by its exit.
    child.stderr!.on('data', (chunk: Buffer) => {
      this.complaints = (this.complaints + chunk.toString()).slice(-2_000);
    });
    child.on('error', (error) => this.lost(child, error.message));
    child.on('exit', (code, signal) => {
      const last = this.complaints.trim().split('\n').at(-1) ?? '';
      this.lost(child, `it ended with ${signal ?? `code ${code}`}${last === '' ? '' : `: ${last}`}`);
    });
    readline.createInterface({ input: child.stdout! }).on('line', (line) => {
      const { pending } = this;
      this.pending = null;
      pending?.resolve(JSON.parse(line) as Reply);
    });
    return child;
  }

  private lost(child: ChildProcess, why: string): void {
    if (this.child !== child) return;
    this.child = null;
    this.fail(why);
  }

  private fail(why: string): void {
    const { pending } = this;
    this.pending = null;
    pending?.reject(new ContenderError(why, false));
  }

  /** Ends the program. */
  stop(): void {
    const { child } = this;
    this.child = null;
    child?.kill('SIGKILL');
  }
}
