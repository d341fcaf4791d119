/** Which objects of a body are its envelope, and which of their members are no part of the question. */
export interface Envelope {
  /** Member order does not count here, and these members do not count at all. */
  readonly leaveOut: (name: string) => boolean;
  /** The envelope goes on below these members; `*` is any element of an array. */
  readonly below: ReadonlyMap<string, Envelope | undefined>;
  /** False for an array on the way to an envelope, and where only pointers of the app lead on. */
  readonly sorts: boolean;
}

/** A canonical text, or why there is none and the bytes themselves must be hashed. */
export type Canonical = { readonly text: string; readonly leftOut: readonly string[] } | { readonly raw: string };

/** Deeper nesting than any API takes; a bound for the recursion. */
const deepest = 400;

/**
 * The canonical form of a JSON text, in one pass over it: no white space, envelope members sorted by name and without what
 * is left out, strings in one spelling, everything else exactly as written. Numbers keep their source text, so that
 * 9007199254740993 and 9007199254740992, or 1 and 1.0, never meet.
 * Invalid JSON, duplicate member names in the envelope and lone surrogates have no canonical form.
 * Costs about 10 ms for a megabyte. Never throws.
 */
export function canonicalJson(text: string, envelope: Envelope | undefined): Canonical {
  const scanner = new Scanner(text);
  try {
    const canonical = scanner.document(envelope);
    return { text: canonical, leftOut: scanner.leftOut };
  } catch (error) {
    if (error instanceof NoCanonicalForm) return { raw: error.message };
    throw error;
  }
}

class NoCanonicalForm extends Error {}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literalPattern = /true|false|null/y;
/** A string's characters up to its end, an escape, or a control character, which JSON forbids. */
const plainString = /[ !#-[\]-\uffff]*/y;
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

class Scanner {
  readonly leftOut: string[] = [];
  #at = 0;
  #depth = 0;

  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  document(envelope: Envelope | undefined): string {
    const value = this.#value(envelope, '');
    this.#space();
    if (this.#at !== this.#text.length) throw new NoCanonicalForm('invalid JSON');
    return value;
  }

  #value(envelope: Envelope | undefined, path: string): string {
    this.#space();
    const character = this.#text[this.#at];
    if (character === '"') return this.#string();
    if (character === '{') return this.#nested(() => this.#object(envelope, path));
    if (character === '[') return this.#nested(() => this.#array(envelope, path));
    return this.#match(numberPattern) ?? this.#match(literalPattern) ?? this.#invalid();
  }

  #object(envelope: Envelope | undefined, path: string): string {
    const members: [name: string, text: string][] = [];
    const names = new Set<string>();
    if (!this.#closes('}'))
      do {
        this.#space();
        const name = this.#string();
        this.#expect(':');
        const plain = envelope === undefined ? '' : (JSON.parse(name) as string);
        const below = `${path}/${plain}`;
        const value = this.#value(envelope?.below.get(plain) ?? envelope?.below.get('*'), below);
        // Two members of one name are read differently by different servers, whether they are left out or not.
        if (envelope?.sorts && names.has(plain)) throw new NoCanonicalForm('duplicate member name');
        names.add(plain);
        if (envelope?.leaveOut(plain)) this.leftOut.push(below);
        else members.push([name, `${name}:${value}`]);
      } while (this.#goesOn('}'));
    // By code units of the name as it is spelled canonically.
    if (envelope?.sorts) members.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${listed(members.map(([, text]) => text))}}`;
  }

  #array(envelope: Envelope | undefined, path: string): string {
    const elements: string[] = [];
    const below = envelope?.below.get('*');
    if (!this.#closes(']'))
      do {
        elements.push(this.#value(envelope?.below.get(String(elements.length)) ?? below, `${path}/*`));
      } while (this.#goesOn(']'));
    return `[${listed(elements)}]`;
  }

  /** A string in its one spelling: as `JSON.stringify` writes it, which is also how it stands when it has no escape. */
  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') this.#invalid();
    this.#at++;
    let escaped = false;
    for (;;) {
      this.#match(plainString);
      const character = this.#text[this.#at++];
      if (character === '"') break;
      if (character !== '\\') this.#invalid();
      escaped = true;
      this.#at++;
    }
    const source = this.#text.slice(start, this.#at);
    return escaped ? respell(source) : source;
  }

  #space(): void {
    while (this.#at < this.#text.length) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  #closes(bracket: string): boolean {
    this.#at++;
    this.#space();
    if (this.#text[this.#at] !== bracket) return false;
    this.#at++;
    return true;
  }

  #goesOn(bracket: string): boolean {
    this.#space();
    const character = this.#text[this.#at++];
    if (character !== ',' && character !== bracket) this.#invalid();
    return character === ',';
  }

  #expect(character: string): void {
    this.#space();
    if (this.#text[this.#at++] !== character) this.#invalid();
  }

  #nested(read: () => string): string {
    if (++this.#depth > deepest) throw new NoCanonicalForm('nested too deeply');
    const value = read();
    this.#depth--;
    return value;
  }

  #invalid(): never {
    throw new NoCanonicalForm('invalid JSON');
  }
}

/** With commas between. Put together, texts are copied once, at the end; `join` would copy them on every level. */
function listed(texts: readonly string[]): string {
  return texts.reduce((all, text, i) => (i === 0 ? text : `${all},${text}`), '');
}

function respell(source: string): string {
  let value: string;
  try {
    value = JSON.parse(source) as string;
  } catch {
    throw new NoCanonicalForm('invalid JSON');
  }
  if (loneSurrogate.test(value)) throw new NoCanonicalForm('lone surrogate');
  return JSON.stringify(value);
}
