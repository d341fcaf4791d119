/** The element of that id. A missing one is a mistake in index.html, and said so. */
export function element<T extends Element>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`Cannot find #${id} in index.html`);
  return found;
}

type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** A new element. `true` sets an attribute without a value; `false` and `undefined` leave it out. */
export function create<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) created.setAttribute(attribute, value === true ? '' : value);
  }
  created.append(...children);
  return created;
}
