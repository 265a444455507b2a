import os from 'node:os';
import process from 'node:process';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** In bytes. */
  readonly memory: number;
  /** `Linux 6.1.0 x64` */
  readonly system: string;
  /** `Node 20.20.2` */
  readonly engine: string;
}

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
