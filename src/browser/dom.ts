/** Short ways to the elements of the page. */

/** The element with this id. @throws {Error} when there is none of that class */
export function byId<T extends HTMLElement>(id: string, kind: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

type Attributes = Readonly<Record<string, string | boolean>>;

/** A new element; an attribute that is false is left out, one that is true has no value. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== false) made.setAttribute(name, value === true ? '' : value);
  made.append(...children);
  return made;
}

/** The value of a variable of the style sheet, as it is now. */
export function cssVariable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The context of a canvas. */
export function contextOf(
  canvas: HTMLCanvasElement,
  settings: CanvasRenderingContext2DSettings = {},
): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', settings);
  if (context === null) throw new Error('this browser gives no 2D canvas');
  return context;
}

/** Calls `body` when the colours change between light and dark. */
export function onColourChange(body: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', body);
}
