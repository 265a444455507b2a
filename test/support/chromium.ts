/**
 * A headless Chromium, spoken to in its DevTools protocol over a pipe: enough to open a page, look at it and press its
 * buttons.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Where the browser is; undefined where there is none. */
export const chromiumFile = (process.env.PATH ?? '')
  .split(path.delimiter)
  .flatMap((folder) => NAMES.map((name) => path.join(folder, name)))
  .find((file) => fs.existsSync(file));

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export class Chromium {
  /** What the console reported: errors, uncaught exceptions, files that did not load. */
  readonly complaints: string[] = [];
  /** Addresses that pages asked for, without those that carry their data. */
  readonly requests: string[] = [];
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<
    number,
    { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void }
  >();
  readonly #events = new Map<string, () => void>();
  #id = 0;
  #session: string | undefined;

  private constructor(file: string) {
    this.#profile = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-chromium-'));
    const args = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--hide-scrollbars',
    ];
    this.#child = spawn(file, [...args, `--user-data-dir=${this.#profile}`, '--remote-debugging-pipe', 'about:blank'], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: this.#profile },
    });
    let rest = '';
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop()!;
      for (const message of messages) this.#take(JSON.parse(message) as Answer);
    });
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`Chromium ended with code ${code}`));
    });
  }

  static async start(file: string): Promise<Chromium> {
    const chromium = new Chromium(file);
    const { targetInfos } = (await chromium.send('Target.getTargets')) as {
      targetInfos: { targetId: string; type: string }[];
    };
    const { sessionId } = await chromium.send('Target.attachToTarget', {
      targetId: targetInfos.find(({ type }) => type === 'page')!.targetId,
      flatten: true,
    });
    chromium.#session = sessionId as string;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await chromium.send(`${domain}.enable`);
    return chromium;
  }

  #take({ id, method, params, result, error }: Answer): void {
    if (id !== undefined) {
      const { resolve, reject } = this.#waiting.get(id)!;
      this.#waiting.delete(id);
      if (error === undefined) resolve(result ?? {});
      else reject(new Error(error.message));
      return;
    }
    const told = params as {
      type?: string;
      args?: unknown;
      exceptionDetails?: { exception?: { description?: string }; text: string };
      entry?: { level: string; text: string; url?: string };
      request?: { url: string };
    };
    if (method === 'Runtime.consoleAPICalled' && (told.type === 'error' || told.type === 'warning'))
      this.complaints.push(JSON.stringify(told.args));
    if (method === 'Runtime.exceptionThrown')
      this.complaints.push(told.exceptionDetails!.exception?.description ?? told.exceptionDetails!.text);
    if (method === 'Log.entryAdded' && told.entry!.level !== 'verbose')
      this.complaints.push(`${told.entry!.text} ${told.entry!.url ?? ''}`);
    if (method === 'Network.requestWillBeSent' && !told.request!.url.startsWith('data:'))
      this.requests.push(told.request!.url);
    this.#events.get(method!)?.();
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId: this.#session })}\0`);
    });
  }

  /** Opens an address and waits until all of it is loaded. */
  async open(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => {
      this.#events.set('Page.loadEventFired', resolve);
    });
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** The value of an expression in the page, JSON at most; a promise is waited for. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string }; text: string } };
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** The size of the window, and the colours that its user prefers. */
  async look(width: number, height: number, scheme: 'light' | 'dark' = 'light'): Promise<void> {
    await this.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    await this.frame();
  }

  /** Waits until what was asked for is drawn. */
  async frame(): Promise<void> {
    await this.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))');
  }

  /** Turns the wheel towards the screen. */
  async wheel(x: number, y: number, { ctrl = false } = {}): Promise<void> {
    await this.send('Input.dispatchMouseEvent', {
      type: 'mouseWheel',
      x,
      y,
      deltaX: 0,
      deltaY: -240,
      modifiers: ctrl ? 2 : 0,
    });
    await this.frame();
  }

  async moveTo(x: number, y: number): Promise<void> {
    await this.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
    await this.frame();
  }

  /** What the window shows, as a PNG. */
  async screenshot(): Promise<Buffer> {
    return Buffer.from((await this.send('Page.captureScreenshot', { format: 'png' })).data as string, 'base64');
  }

  /** The page as it is printed. */
  async pdf(): Promise<Buffer> {
    return Buffer.from(
      (await this.send('Page.printToPDF', { printBackground: true, paperWidth: 8.27, paperHeight: 11.69 }))
        .data as string,
      'base64',
    );
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => {
      this.#child.on('close', resolve);
    });
    process.kill(-this.#child.pid!, 'SIGKILL');
    await gone;
    fs.rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
