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
  test(`${KILLS} kills`, { timeout: 120_000 * KILLS }, async () => {
    const data = makeData();
    const redis = await RedisServer.start();
    const random = uniform(31);
    const rates = Array.from({ length: 8 }, (_, i) => 0.03 * (i + 1));
    const args = [
      ...['sweep', '--param', `lr=${rates.join(',')}`, '--model', 'mlp-bn', '--hidden', '8', '--batch-size', '5'],
      ...['--dataset', 'mnist', '--data', data, '--epochs', '10'],
    ];
    const queue = ['--queue', redis.url('kills')];
    const worker = (i: number): Running =>
      start('work', ...queue, '--lease', '2', '--out', path.join(workspace(), `worker${i}`));
    const workers = Array.from({ length: WORKERS }, (_, i) => worker(i));
    const happened: string[] = [];

    /** Something happens to somebody. */
    const disturb = async (submitter: Running, submit: () => Running): Promise<Running> => {
      workers.forEach(({ child }, i) => {
        if (child.exitCode !== null) workers[i] = worker(i);
      });
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
        return submit();
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
      return submitter;
    };

    // One sweep after the other, until all has happened.
    const sweeps: string[] = [];
    while (happened.length < KILLS) {
      const directory = path.join(workspace(), `disturbed${sweeps.length}`);
      sweeps.push(directory);
      const submit = (): Running => start(...args, ...queue, '--out', directory);
      let submitter = submit();
      while (happened.length < KILLS) {
        const ended = await Promise.race([submitter.ended.then(() => true), wait(200 + 1800 * random())]);
        if (ended === true) break;
        submitter = await disturb(submitter, submit);
      }
      let code = await submitter.ended;
      // It began while the server was away: the same command again, as a user would.
      while (code === 1 && submitter.text().includes('cannot be reached')) {
        submitter = submit();
        code = await submitter.ended;
      }
      const errors = submitter.text().replace(/^(?!error).*\n/gm, '');
      expect([code, errors], happened.join(', ')).toEqual([0, '']);
    }
    for (const { child } of workers) child.kill('SIGKILL');
    await redis.remove();
    expect((await lanewise([...args, '--out', 'calm'])).code).toBe(0);
    const calm = outcome(path.join(workspace(), 'calm'));
    for (const directory of sweeps) expect(outcome(directory), happened.join(', ')).toEqual(calm);
  });
});
