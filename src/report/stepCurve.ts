/** The losses of the steps of a run, in as many points as a chart shows. */

const MOST_POINTS = 200;

export class StepCurve {
  /** The step before the first one. */
  #before = 0;
  readonly #losses: number[] = [];

  /** Takes note of a step; the first may be any, where a run was resumed. */
  add(step: number, loss: number): void {
    if (this.#losses.length === 0) this.#before = step - 1;
    this.#losses.push(loss);
  }

  /** The first step that was seen; 0 if there was none. */
  get first(): number {
    return this.#losses.length === 0 ? 0 : this.#before + 1;
  }

  /** Steps in each point. */
  get every(): number {
    return Math.max(1, Math.ceil(this.#losses.length / MOST_POINTS));
  }

  /** The last step of each bin, and the mean of its losses. */
  points(): [step: number, loss: number][] {
    const { every } = this;
    const points: [number, number][] = [];
    for (let begin = 0; begin < this.#losses.length; begin += every) {
      const bin = this.#losses.slice(begin, begin + every);
      const mean = bin.reduce((sum, loss) => sum + loss, 0) / bin.length;
      points.push([this.#before + begin + bin.length, Number(mean.toPrecision(6))]);
    }
    return points;
  }
}
