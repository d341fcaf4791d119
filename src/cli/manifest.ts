import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The app's package.json, as far as it is there. */
export interface Manifest {
  readonly path: string;
  /** `undefined` where there is none, or it cannot be read. */
  readonly text: string | undefined;
  /** Folders that have the scripts: `refrain.publicDir` in it. */
  readonly folders: readonly string[];
}

interface Content {
  refrain?: { publicDir?: string | readonly string[] };
}

/** Never rejects. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'package.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const content = text === undefined ? undefined : parsed(text);
  const folders = [content?.refrain?.publicDir ?? []].flat().filter((one) => typeof one === 'string');
  return { path, text: content && text, folders };
}

function parsed(text: string): Content | undefined {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null ? (content as Content) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Writes down which folders have the scripts, in the file's own indentation, and says what was done. A package.json that is
 * not there or cannot be read is left as it is.
 */
export async function rememberFolder({ path, text, folders }: Manifest, added: readonly string[]): Promise<string> {
  if (text === undefined)
    return `${path} cannot be read, so the folder is not remembered: name it again after an update`;
  const all = [...new Set([...folders, ...added])];
  if (all.length === folders.length) return `${path} has the folder already`;
  const content = JSON.parse(text) as Content;
  content.refrain = { ...content.refrain, publicDir: all.length === 1 ? (all[0] as string) : all };
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? 2;
  await writeFile(path, `${JSON.stringify(content, null, indent)}${text.endsWith('\n') ? '\n' : ''}`);
  return `Remembered in ${path}: "refrain": ${JSON.stringify(content.refrain)}`;
}
