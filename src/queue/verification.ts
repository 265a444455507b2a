/** Repeats some runs on another worker: since a seed gives one set of bits, both must end in the same digest. */
import type { RunAnswer, RunJob } from './job.js';

/** A run of which two workers made different things. */
export interface Disagreement {
  readonly run: string;
  readonly workers: readonly [string, string];
  readonly digests: readonly [string | null, string | null];
}

export interface Verified {
  /** Runs that were repeated. */
  readonly repeated: number;
  /** Of these, runs that the same worker repeated, as there was no other. */
  readonly alone: number;
  /** Runs whose repetition failed. */
  readonly failed: number;
  readonly disagreements: readonly Disagreement[];
}

export class Verification {
  #due = 1;
  #alone = 0;
  #failed = 0;
  readonly #repetitions: Promise<Disagreement | null>[] = [];

  /**
   * @param share of the runs to repeat
   * @param submit has a job executed
   */
  constructor(
    private readonly share: number,
    private readonly submit: (id: string, job: RunJob) => Promise<RunAnswer | null>,
  ) {}

  /** Has a run repeated, if it is its turn: the first one, then one in 1/share. */
  consider(id: string, job: RunJob, { worker, result }: RunAnswer): void {
    if (this.share === 0) return;
    if (this.#repetitions.length > 0) this.#due += this.share;
    if (this.#due < 1) return;
    this.#due -= 1;
    const repeat = async (): Promise<Disagreement | null> => {
      const again = await this.submit(`${id}_again`, { ...job, inputs: false, avoid: worker });
      if (again === null) return null;
      if (again.worker === worker) this.#alone++;
      const digests = [digestOf(result), digestOf(again.result)] as const;
      return digests[0] === digests[1] ? null : { run: job.request.id, workers: [worker, again.worker], digests };
    };
    this.#repetitions.push(
      repeat().catch(() => {
        this.#failed++;
        return null;
      }),
    );
  }

  /** Waits for the repetitions. */
  async end(): Promise<Verified> {
    const found = await Promise.all(this.#repetitions);
    return {
      repeated: this.#repetitions.length - this.#failed,
      alone: this.#alone,
      failed: this.#failed,
      disagreements: found.filter((each) => each !== null),
    };
  }
}

/** Of the weights; where a run has none, how it ended. */
const digestOf = ({ digest, status }: RunAnswer['result']): string => digest ?? status;
