/**
 * Workers, submitter and server killed or frozen at random moments: every run ends once, with the results of a sweep
 * that nobody disturbed. `npm run test:long` does it a hundred times.
 */
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { lanewise, makeData, removeWorkspace, workspace } from '../cli/lanewise.js';
import { uniform } from '../support/random.js';
import { outcome, type Running, start } from './commands.js';
import { hasRedis, RedisServer } from './redis.js';

const { MODE } = (import.meta as unknown as { env: { MODE: string } }).env;
const KILLS = MODE === 'long' ? 100 : 10;
const WORKERS = 2;

afterAll(removeWorkspace);

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(!hasRedis)('a queue that is disturbed', () => {
  test(`${KILLS} kills`, { timeout: 60_000 * KILLS }, async () => {
    const data = makeData();
    const redis = await RedisServer.start();
    const random = uniform(31);
    const trials = Array.from({ length: Math.max(8, KILLS) }, (_, i) => (0.3 * (i + 1)) / KILLS);
    const args = [
      ...['sweep', '--param', `lr=${trials.join(',')}`, '--model', 'mlp-bn', '--hidden', '8', '--batch-size', '5'],
      ...['--dataset', 'mnist', '--data', data, '--epochs', '10'],
    ];
    const queue = ['--queue', redis.url('kills')];
    const worker = (i: number): Running =>
      start('work', ...queue, '--lease', '2', '--out', path.join(workspace(), `worker${i}`));
    const workers = Array.from({ length: WORKERS }, (_, i) => worker(i));
    const submit = (): Running => start(...args, ...queue, '--out', path.join(workspace(), 'disturbed'));
    let submitter = submit();
    let done = false;
    const watch = (running: Running): void => {
      void running.ended.then((code) => {
        if (code === 0 && running === submitter) done = true;
      });
    };
    watch(submitter);
    const happened: string[] = [];
    for (let i = 0; i < KILLS && !done; i++) {
      await wait(200 + 1800 * random());
      const what = random();
      const one = Math.floor(WORKERS * random());
      if (what < 0.4) {
        happened.push(`worker ${one} killed`);
        workers[one]!.child.kill('SIGKILL');
        await workers[one]!.ended;
        workers[one] = worker(one);
      } else if (what < 0.6) {
        happened.push(`worker ${one} frozen`);
        const { child } = workers[one]!;
        child.kill('SIGSTOP');
        await wait(3000);
        child.kill('SIGCONT');
      } else if (what < 0.8) {
        happened.push('submitter killed');
        submitter.child.kill('SIGKILL');
        await submitter.ended;
        submitter = submit();
        watch(submitter);
      } else if (what < 0.9) {
        happened.push('server killed');
        await redis.kill();
        await wait(500);
        await redis.start();
      } else {
        happened.push('server away');
        redis.freeze(true);
        await wait(3000);
        redis.freeze(false);
      }
    }
    const code = await submitter.ended;
    for (const { child } of workers) child.kill('SIGKILL');
    await redis.remove();
    expect(happened.length, 'kills before the sweep was done').toBeGreaterThan(KILLS / 2);
    expect([code, submitter.text().replace(/^(?!error).*\n/gm, '')], happened.join(', ')).toEqual([0, '']);
    expect((await lanewise([...args, '--out', 'calm'])).code).toBe(0);
    expect(outcome(path.join(workspace(), 'disturbed'))).toEqual(outcome(path.join(workspace(), 'calm')));
  });
});
