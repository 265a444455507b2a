/** The settings of a layer, as `model.json` has them. */
import { FileFormatError } from '../../runtime/errors.js';

/** A layer of `model.json`. */
export class LayerConfig {
  readonly name: string;

  constructor(
    readonly className: string,
    private readonly config: Readonly<Record<string, unknown>>,
    private readonly file: string,
  ) {
    this.name = typeof config.name === 'string' ? config.name : '';
  }

  refuse(problem: string): never {
    throw new FileFormatError(`layer ${JSON.stringify(this.name)} (${this.className}) ${problem}`, { file: this.file });
  }

  get(key: string): unknown {
    return Object.hasOwn(this.config, key) ? this.config[key] : undefined;
  }

  /** A number; `otherwise` where there is none. */
  number(key: string, otherwise: number): number {
    const value = this.get(key) ?? otherwise;
    return typeof value === 'number' && Number.isFinite(value) ? value : this.#wrong(key);
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.get(key) ?? otherwise;
    return typeof value === 'boolean' ? value : this.#wrong(key);
  }

  text(key: string, otherwise: string): string {
    const value = this.get(key) ?? otherwise;
    return typeof value === 'string' ? value : this.#wrong(key);
  }

  /** A whole number ≥ 1. */
  size(key: string): number {
    const value = this.get(key);
    return isSize(value, 1) ? value : this.#wrong(key);
  }

  /** Height and width, given as one number or as two. */
  pair(key: string, otherwise: readonly [number, number], least = 1): readonly [number, number] {
    const value = this.get(key) ?? otherwise;
    const [height, width] =
      typeof value === 'number' ? [value, value] : Array.isArray(value) ? (value as unknown[]) : [];
    return isSize(height, least) && isSize(width, least) ? [height, width] : this.#wrong(key);
  }

  /** Checks that images have their channels last. */
  checkFormat(): void {
    if (this.text('data_format', 'channels_last') !== 'channels_last') this.refuse('does not have the channels last');
  }

  #wrong(key: string): never {
    return this.refuse(`has ${key} ${String(JSON.stringify(this.get(key))).slice(0, 40)}`);
  }
}

const MOST = 2 ** 24;

const isSize = (value: unknown, least: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= MOST;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deepest nesting of Sequential models in one another. */
const DEEPEST = 10;

/** The layers of a Sequential model, in order. @throws {FileFormatError} when it is a model of another kind */
export function layersOf(topology: unknown, file: string): LayerConfig[] {
  const refuse = (problem: string): never => {
    throw new FileFormatError(problem, { file });
  };
  const layers: LayerConfig[] = [];
  const visit = (model: unknown, depth: number): void => {
    if (!isRecord(model) || depth > DEEPEST) return refuse('its topology is not that of a layers model');
    const { class_name: className, config } = model;
    if (className !== 'Sequential')
      refuse(`it is a model of the class ${JSON.stringify(className)}; only Sequential models are read`);
    const list = isRecord(config) ? config.layers : config;
    if (!Array.isArray(list)) return refuse('its topology has no layers');
    for (const layer of list as unknown[]) {
      if (isRecord(layer) && layer.class_name === 'Sequential') visit(layer, depth + 1);
      else if (isRecord(layer) && typeof layer.class_name === 'string' && isRecord(layer.config))
        layers.push(new LayerConfig(layer.class_name, layer.config, file));
      else refuse('its topology has a layer without a class');
    }
  };
  visit(isRecord(topology) && isRecord(topology.model_config) ? topology.model_config : topology, 0);
  return layers;
}
