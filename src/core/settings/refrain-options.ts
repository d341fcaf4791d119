/** The script tag's attributes without `data-`, in camelCase. Every value may also be given as its text. */
export interface RefrainOptions {
  /** URL of the worker. Default: `refrain-sw.js` beside the page script. */
  readonly worker?: string;
  /** How the worker is registered, where it is the app's own: `module` for one with imports. Default: `classic`. */
  readonly workerType?: 'classic' | 'module';
  /** Scope of the registration. Default: the worker's folder. */
  readonly scope?: string;
  /** URLPattern strings of further endpoints. */
  readonly endpoints?: string | readonly string[];
  /** URLPattern strings never to touch. */
  readonly exclude?: string | readonly string[];
  readonly mode?: 'auto' | 'record' | 'replay' | 'refresh' | 'off';
  /** `30d`, `12h`, `90s`, `none`, `0`. */
  readonly ttl?: string;
  /** Bytes, or text such as `64MB`. */
  readonly memory?: string | number;
  readonly disk?: string | number;
  /** Model → version. */
  readonly models?: string | Readonly<Record<string, string>>;
  readonly partition?: string;
  /** JSON Pointers. */
  readonly ignore?: string | readonly string[];
  readonly onAbort?: 'cancel' | 'finish';
  /** How fast stored answers come: at once (`instant`), as they came (`recorded`), or tokens a second. */
  readonly pace?: 'instant' | 'recorded' | number | `${number}`;
  /** Answers collected for each request before they repeat. */
  readonly variants?: number | `${number}`;
  /** URLs of cassettes, or names that `importCassette` gave: read-only under the other tiers. */
  readonly cassette?: string | readonly string[];
  /** Pages that name the same session count their identical calls together, where a cassette has several answers. */
  readonly session?: string;
  readonly persist?: boolean;
}
