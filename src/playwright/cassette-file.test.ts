import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Recording } from '../core/cassette/recording.ts';
import { addToCassetteFile, readCassetteFile } from './cassette-file.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refrain-cassette-'));
  path = join(folder, 'new', 'chat.refrain');
});
afterEach(() => rm(folder, { recursive: true }));

function recording(name: number, texts: readonly string[], storedAt: number): Recording {
  return {
    key: String(name).padStart(64, '0'),
    format: 'openai-chat',
    method: 'POST',
    url: 'https://api.openai.com/v1/chat/completions',
    answers: texts.map((text) => ({
      storedAt,
      elapsed: 1,
      statusText: 'OK',
      headers: [['content-type', 'application/json']],
      body: new TextEncoder().encode(text),
    })),
  };
}

function answersOf(name: number): string[] {
  const found = readCassetteFile(path).recordings.find(({ key }) => Number(key) === name);
  return (found?.answers ?? []).map(({ body }) => new TextDecoder().decode(body));
}

describe('addToCassetteFile', () => {
  it('loses nothing when many write at once, and leaves no other file', async () => {
    const all = Array.from({ length: 20 }, (_, name) => name + 1);
    await Promise.all(all.map((name) => addToCassetteFile(path, [recording(name, ['a'], 1)], 0)));
    expect(readCassetteFile(path).recordings).toHaveLength(20);
    expect(await readdir(join(folder, 'new'))).toEqual(['chat.refrain']);
  });

  it('replaces what an earlier run recorded, and keeps the rest', async () => {
    await addToCassetteFile(path, [recording(1, ['old', 'older'], 1), recording(2, ['kept'], 1)], 0);
    await addToCassetteFile(path, [recording(1, ['new'], 20)], 10);
    expect(answersOf(1)).toEqual(['new']);
    expect(answersOf(2)).toEqual(['kept']);
  });

  it('keeps the longer sequence of two that this run recorded', async () => {
    await addToCassetteFile(path, [recording(1, ['first', 'second'], 20)], 10);
    await addToCassetteFile(path, [recording(1, ['only'], 30)], 10);
    expect(answersOf(1)).toEqual(['first', 'second']);
  });

  it('leaves a damaged file as it is, and says where it is damaged', async () => {
    path = join(folder, 'damaged.refrain');
    await writeFile(path, 'refrain cassette 1\n\nPOST https://api.openai.com/v1/chat/completions\n  key: short\n');
    await expect(addToCassetteFile(path, [recording(1, ['a'], 1)], 0)).rejects.toThrow(
      /^Cannot use the cassette .*damaged\.refrain: line 3, in POST https:\/\/api\.openai\.com/,
    );
    expect(await readFile(path, 'utf8')).toContain('key: short');
    expect(await readdir(folder)).toEqual(['damaged.refrain']);
  });
});
