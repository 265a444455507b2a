/** The form: a column of fields for each side, kept in step with the address of the page. */
import { byId, element } from './dom.js';
import { showError } from './notices.js';
import {
  batchNormOf,
  DEFAULTS,
  FIELDS,
  type Field,
  hasWidths,
  idleFields,
  type Recipe,
  readAddress,
  recipeOf,
  type Side,
  usualRate,
  usualWidths,
  type Values,
  writeAddress,
} from './settings.js';

type Control = HTMLInputElement | HTMLSelectElement;

const SIDES: readonly Side[] = ['a', 'b'];

export class SettingsForm {
  readonly #grid = byId('settings', HTMLElement);
  readonly #more = byId('more', HTMLDetailsElement);
  readonly #race = byId('race', HTMLInputElement);
  readonly #controls = new Map<string, Control>();

  /** @param onSides called when the number of sides changes */
  constructor(onSides: () => void) {
    this.#build();
    const { race, sides, unknown } = readAddress(location.search);
    this.#race.checked = race;
    for (const side of SIDES) this.#fill(side, sides[side]);
    this.#showSides();
    this.#more.open = SIDES.some((side) =>
      FIELDS.some(({ name, more }) => more && sides[side][name] !== DEFAULTS[side][name]),
    );
    if (unknown.length > 0)
      showError(new Error(`the address of this page has settings that there are not: ${unknown.join(', ')}`));
    this.#race.addEventListener('change', () => {
      this.#showSides();
      this.#keep();
      onSides();
    });
  }

  /** The sides that take part. */
  get sides(): readonly Side[] {
    return this.#race.checked ? SIDES : ['a'];
  }

  /**
   * What a side is to train.
   *
   * @throws {ArgumentError} on a value that is not allowed; its field gets the focus
   */
  recipe(side: Side): Recipe {
    try {
      return recipeOf(this.#values(side));
    } catch (error) {
      const field = FIELDS.find(({ label }) => (error as { where?: string }).where === label);
      if (field !== undefined) {
        const control = this.#control(side, field.name);
        control.setAttribute('aria-invalid', 'true');
        if (field.more) this.#more.open = true;
        control.focus();
      }
      throw error;
    }
  }

  /** Goes back to the defaults. */
  reset(): void {
    this.#race.checked = true;
    for (const side of SIDES) this.#fill(side, DEFAULTS[side]);
    this.#showSides();
    this.#keep();
  }

  #build(): void {
    for (const field of FIELDS) {
      const row = element('div', { class: 'row', role: 'group', 'aria-label': field.label });
      row.append(element('span', { class: 'label', title: field.help }, field.label));
      for (const side of SIDES) {
        const control = controlOf(field, side);
        this.#controls.set(`${side}.${field.name}`, control);
        control.addEventListener('input', () => {
          control.removeAttribute('aria-invalid');
          this.#keep();
        });
        control.addEventListener('change', () => this.#changed(side, field.name));
        row.append(element('span', { class: `side side-${side}` }, control));
      }
      if (field.more) this.#more.append(row);
      else this.#more.before(row);
    }
  }

  #control(side: Side, name: string): Control {
    return this.#controls.get(`${side}.${name}`)!;
  }

  #values(side: Side): Values {
    return Object.fromEntries(FIELDS.map(({ name }) => [name, textOf(this.#control(side, name))]));
  }

  #fill(side: Side, values: Values): void {
    for (const { name } of FIELDS) setValue(this.#control(side, name), values[name]!);
    this.#fit(side);
  }

  /** What goes with a choice follows it: widths of a network, the rate of an optimizer. */
  #changed(side: Side, name: string): void {
    const control = this.#control(side, name);
    if (name === 'model') setValue(this.#control(side, 'width'), usualWidths(control.value));
    if (name === 'optimizer') setValue(this.#control(side, 'lr'), usualRate(control.value));
    this.#fit(side);
    this.#keep();
  }

  /** Only what does something with the network and optimizer chosen can be changed. */
  #fit(side: Side): void {
    const values = this.#values(side);
    const { model } = values;
    const norm = this.#control(side, 'batchNorm') as HTMLInputElement;
    norm.disabled = batchNormOf(model!) !== 'choice';
    norm.indeterminate = false;
    if (norm.disabled) norm.checked = batchNormOf(model!) === 'always';
    const width = this.#control(side, 'width') as HTMLInputElement;
    width.disabled = !hasWidths(model!);
    width.placeholder = width.disabled ? 'fixed' : '';
    const idle = idleFields(values);
    for (const { name } of FIELDS)
      if (name !== 'batchNorm' && name !== 'width') this.#control(side, name).disabled = idle.has(name);
  }

  #showSides(): void {
    this.#grid.classList.toggle('racing', this.#race.checked);
    for (const { name } of FIELDS)
      this.#control('b', name).closest('.side')!.toggleAttribute('hidden', !this.#race.checked);
  }

  #keep(): void {
    const query = writeAddress({ race: this.#race.checked, sides: { a: this.#values('a'), b: this.#values('b') } });
    history.replaceState(null, '', query === '' ? location.pathname : query);
  }
}

function controlOf({ name, label, kind, choices = [], help, inputMode, placeholder = '' }: Field, side: Side): Control {
  const attributes = {
    id: `${side}-${name}`,
    name: `${side}.${name}`,
    'aria-label': `${label}, run ${side.toUpperCase()}`,
    title: help,
  };
  if (kind === 'choice')
    return element('select', attributes, ...choices.map(({ value, title }) => element('option', { value }, title)));
  if (kind === 'flag') return element('input', { ...attributes, type: 'checkbox' });
  return element('input', {
    ...attributes,
    type: 'text',
    inputmode: inputMode ?? 'text',
    placeholder,
    autocomplete: 'off',
    spellcheck: 'false',
  });
}

const isFlag = (control: Control): control is HTMLInputElement =>
  control instanceof HTMLInputElement && control.type === 'checkbox';

function textOf(control: Control): string {
  return isFlag(control) ? (control.checked ? 'on' : 'off') : control.value;
}

/** A choice that there is not leaves the first one. */
function setValue(control: Control, value: string): void {
  if (isFlag(control)) control.checked = value === 'on';
  else control.value = value;
  if (control instanceof HTMLSelectElement && control.selectedIndex < 0) {
    showError(new Error(`${value} is none of ${[...control.options].map((option) => option.value).join(', ')}`));
    control.selectedIndex = 0;
  }
}
