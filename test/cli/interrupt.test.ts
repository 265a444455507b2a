import { afterEach, expect, test, vi } from 'vitest';
import { Interrupt } from '../../src/cli/interrupt.js';

afterEach(() => {
  vi.restoreAllMocks();
});

test('the first signal ends the work in good order, the second at once', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const told = vi.fn();
  const interrupt = new Interrupt(told);
  expect([interrupt.signal.aborted, interrupt.exitCode]).toEqual([false, null]);
  process.emit('SIGINT', 'SIGINT');
  expect([interrupt.signal.aborted, interrupt.exitCode]).toEqual([true, 130]);
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGINT', 'SIGINT');
  expect(exit, 'npm passes the signal on that the terminal sent to both').not.toHaveBeenCalled();
  clock.mockReturnValue(2000);
  process.emit('SIGINT', 'SIGINT');
  expect(exit).toHaveBeenCalledExactlyOnceWith(130);
  expect(told).toHaveBeenCalledTimes(1);
  interrupt.close();
  expect(process.listenerCount('SIGTERM')).toBe(0);
});

test('a request to terminate exits with 143', () => {
  const interrupt = new Interrupt(() => {});
  process.emit('SIGTERM', 'SIGTERM');
  expect([interrupt.signal.aborted, interrupt.exitCode]).toEqual([true, 143]);
  interrupt.close();
});
