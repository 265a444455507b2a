/** A Redis server of one's own, for a test. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** Whether there is a Redis server to start (Debian's package redis-server). */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export class RedisServer {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-redis-'));
  #process: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    private readonly options: readonly string[],
  ) {}

  /** @param options of redis-server */
  static async start(...options: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.start();
    return server;
  }

  /** Starts it with what it has on disk. */
  async start(): Promise<void> {
    const { port, directory } = this;
    this.#process = spawn(
      'redis-server',
      [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''],
        ...['--appendonly', 'yes', '--appendfsync', 'always', ...this.options],
      ],
      { stdio: 'ignore' },
    );
    while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#process?.once('exit', resolve) ?? resolve(null));
    this.#process?.kill('SIGKILL');
    this.#process?.kill('SIGCONT');
    await ended;
    this.#process = null;
  }

  /** Stops it, or lets it go on: what a broken network looks like from outside. */
  freeze(frozen: boolean): void {
    this.#process?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  /** The address of a queue on it. */
  url(name: string): string {
    return `redis://127.0.0.1:${this.port}/${name}`;
  }

  async remove(): Promise<void> {
    if (this.#process !== null) await this.kill();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (text) => {
      socket.destroy();
      resolve(/PONG|NOAUTH/.test(String(text)));
    });
    socket.once('error', () => resolve(false));
  });
}
