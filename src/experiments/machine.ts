import os from 'node:os';
import process from 'node:process';
import type { Machine } from './layout.js';

/** What this process runs on. */
export function describeMachine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory: os.totalmem(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    engine: `Node ${process.versions.node}`,
  };
}
