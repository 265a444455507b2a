/** The settings that are given, checked, with the defaults of the others. */
import { checkArguments, nearest } from '../runtime/arguments.js';
import { DEFAULT_EPOCHS } from '../train/options.js';
import { settingsOfRecipe } from './named.js';
import { optimizerDefaults, optimizersWith } from './optimizers.js';
import { ownData } from './own.js';
import { TRAIN_OPTIONS, type TrainSettings } from './settings.js';
import { checkOption, type OptionTable, SettingError, type Settings } from './table.js';

/**
 * Checks the settings given and fills in the defaults.
 *
 * @throws {SettingError} on an unknown name (with the likeliest one meant) or a value that is not allowed
 */
export function resolveSettings<Table extends OptionTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
): Settings<Table> {
  checkArguments('resolveSettings(TRAIN_OPTIONS, given!={ lr: 0.1|any, ... })', table, given);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(table, name)) {
      const meant = nearest(name, Object.keys(table));
      throw new SettingError(name, {
        reason: 'there is no such setting',
        ...(meant !== undefined && { hint: `did you mean {${meant}}?` }),
      });
    }
  }
  return Object.fromEntries(
    Object.entries(table).map(([name, spec]) => [
      name,
      given[name] === undefined ? spec.default : checkOption(name, spec, given[name]),
    ]),
  ) as Settings<Table>;
}

/** The settings with every default that depends on others filled in: all that a run is decided by. */
export type RunSettings = Omit<TrainSettings, 'lr' | 'weightDecay'> & {
  readonly lr: number;
  readonly weightDecay: number;
};

/**
 * Settings of a training run from those that differ from the defaults.
 *
 * @throws {SettingError} on an unknown name, a value that is not allowed, or two that contradict each other
 * @example
 * resolveTrainSettings({ model: 'cnn-bn', optimizer: 'adam', seed: 7 }).lr;   // 0.001
 */
export function resolveTrainSettings(given: Readonly<Record<string, unknown>>): RunSettings {
  checkArguments("resolveTrainSettings(given!={ model: 'cnn'|any, epochs: 3|any, lr: 0.1|any, ... })", given);
  const own = Object.entries(given).filter(([, value]) => value !== undefined);
  const data = typeof given.dataset === 'string' ? ownData(given.dataset) : undefined;
  const settings = resolveSettings(TRAIN_OPTIONS, {
    ...data?.settings,
    ...(given.steps != null && { epochs: null }),
    ...settingsOfRecipe(given.recipe),
    ...Object.fromEntries(own),
  });
  const { optimizer, momentum, nesterov } = settings;
  const defaults = optimizerDefaults(optimizer);
  if (nesterov && momentum === 0 && optimizersWith('nesterov').includes(optimizer)) {
    throw new SettingError('nesterov', {
      reason: 'Nesterov momentum needs a momentum',
      hint: 'set {momentum} to 0.9, say',
    });
  }
  const { model, dataset } = settings;
  if (data?.models?.includes(model) === false)
    throw new SettingError('model', {
      reason: `${model} does not take the samples of the data set ${dataset}`,
      hint: `choose ${data.models.join(' or ')}`,
    });
  return {
    ...settings,
    lr: settings.lr ?? defaults.lr,
    weightDecay: settings.weightDecay ?? defaults.weightDecay,
    epochs: settings.epochs ?? (settings.steps === null ? DEFAULT_EPOCHS : null),
  };
}

/** A setting that does nothing beside the value of another. */
export interface IdleSetting {
  readonly setting: string;
  readonly beside: string;
  readonly value: string;
}

/** The settings given that do nothing beside the others. */
export function idleSettings(given: Readonly<Record<string, unknown>>, settings: RunSettings): IdleSetting[] {
  checkArguments('idleSettings(given!={ lr: 0.1|any, ... }, settings)', given, settings);
  return Object.entries(TRAIN_OPTIONS as OptionTable).flatMap(([setting, { only }]) => {
    if (only === undefined || given[setting] === undefined) return [];
    const value = String(settings[only.option as keyof RunSettings]);
    return only.among.includes(value) ? [] : [{ setting, beside: only.option, value }];
  });
}
