import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifest, rememberFolders } from './manifest.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refrain-manifest-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What becomes of a package.json, and what is said. */
async function remember(text: string, ...added: string[]) {
  const path = join(folder, 'package.json');
  await writeFile(path, text);
  const said = await rememberFolders(await readManifest(folder), added);
  return { text: await readFile(path, 'utf8'), said };
}

describe('Folders in package.json', () => {
  it.each([
    [
      'two spaces',
      '{\n  "name": "app"\n}\n',
      '{\n  "name": "app",\n  "refrain": {\n    "publicDir": "public"\n  }\n}\n',
    ],
    [
      'tabs, no last line end',
      '{\n\t"name": "app"\n}',
      '{\n\t"name": "app",\n\t"refrain": {\n\t\t"publicDir": "public"\n\t}\n}',
    ],
    [
      'a byte order mark and the line ends of Windows',
      '\uFEFF{\r\n    "name": "app"\r\n}\r\n',
      '\uFEFF{\r\n    "name": "app",\r\n    "refrain": {\r\n        "publicDir": "public"\r\n    }\r\n}\r\n',
    ],
  ])('are written in the style of the file: %s', async (_style, before, after) => {
    expect((await remember(before, 'public')).text).toBe(after);
  });

  it('become a list when there are several, each once, beside what else is there', async () => {
    const { text } = await remember('{ "refrain": { "publicDir": "public", "more": 1 } }', 'public', 'static');
    expect(JSON.parse(text)).toEqual({ refrain: { publicDir: ['public', 'static'], more: 1 } });
    expect((await readManifest(folder)).folders).toEqual(['public', 'static']);
    expect((await remember(text, 'static')).said).toContain('has the folder already');
  });

  it.each(['{ "name": ', '[]', 'null', '{ "refrain": "mine" }', '{ "refrain": [1] }'])(
    'are not written into what is not understood: %s',
    async (text) => {
      expect(await remember(text, 'public')).toEqual({ text, said: expect.stringContaining('cannot be read') });
    },
  );

  it('are nowhere where there is no package.json', async () => {
    const manifest = await readManifest(folder);
    expect(manifest).toMatchObject({ text: undefined, folders: [] });
    expect(await rememberFolders(manifest, ['public'])).toContain('cannot be read');
  });
});
