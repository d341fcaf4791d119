import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The app's package.json, as far as it is there. */
export interface Manifest {
  readonly path: string;
  /** `undefined` where there is none, or it cannot be understood. */
  readonly text: string | undefined;
  /** Folders that have the scripts: `refrain.publicDir` in it. */
  readonly folders: readonly string[];
}

interface Content {
  refrain?: { publicDir?: string | readonly string[] };
}

const byteOrderMark = '\uFEFF';

/** Never rejects. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'package.json');
  const text = await readFile(path, 'utf8').catch(() => '');
  const content = parsed(text);
  const folders = [content?.refrain?.publicDir ?? []].flat().filter((one) => typeof one === 'string');
  return { path, text: content && text, folders };
}

function parsed(text: string): Content | undefined {
  try {
    const content: unknown = JSON.parse(text.replace(byteOrderMark, ''));
    // A member of this name that is something else is somebody else's.
    return isObject(content) && isObject(content.refrain ?? {}) ? content : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Writes down which folders have the scripts, in the file's own indentation and line ends, and resolves with what was done.
 * A package.json that is not there, or cannot be read or written, is left as it is. Never rejects.
 */
export async function rememberFolders({ path, text, folders }: Manifest, added: readonly string[]): Promise<string> {
  if (text === undefined) return notRemembered(path, 'read');
  const all = [...new Set([...folders, ...added])];
  if (all.length === folders.length) return `${path} has the folder already`;
  const content = parsed(text) as Content;
  content.refrain = { ...content.refrain, publicDir: all.length === 1 ? (all[0] as string) : all };
  return writeFile(path, inStyleOf(text, content)).then(
    () => `Remembered in ${path}: "refrain": ${JSON.stringify(content.refrain)}`,
    () => notRemembered(path, 'written'),
  );
}

function inStyleOf(text: string, content: Content): string {
  const mark = text.startsWith(byteOrderMark) ? byteOrderMark : '';
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? 2;
  const json = `${JSON.stringify(content, null, indent)}${/\n$/.test(text) ? '\n' : ''}`;
  return mark + (text.includes('\r\n') ? json.replaceAll('\n', '\r\n') : json);
}

function notRemembered(path: string, what: 'read' | 'written'): string {
  return `${path} cannot be ${what}, so the folder is not remembered: name it again after an update`;
}
