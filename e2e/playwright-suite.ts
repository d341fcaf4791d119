import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchOptions } from './browser/find-chromium.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** How a run of a suite ended. */
export interface SuiteRun {
  readonly code: number;
  /** What the terminal shows, both streams, without colours. */
  readonly output: string;
  /** Attachments of all tests, by name, in the order of the report. */
  attachments(name: string): string[];
}

interface Attachment {
  readonly name: string;
  readonly body?: string;
}

/** Someone's Playwright suite in a folder of its own, with the built package installed, run by Playwright's own command. */
export class Suite {
  private constructor(
    readonly folder: string,
    private readonly baseURL: string,
  ) {}

  /** @param baseURL the app's address */
  static async create(baseURL: string): Promise<Suite> {
    const folder = await mkdtemp(join(tmpdir(), 'refrain-suite-'));
    await mkdir(join(folder, 'node_modules'));
    await symlink(join(repository, 'node_modules/@playwright'), join(folder, 'node_modules/@playwright'));
    await symlink(repository, join(folder, 'node_modules/refrain'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    return new Suite(folder, baseURL);
  }

  /** Writes a test file, or any other. */
  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), 'utf8');
  }

  /** Runs `playwright test` with what a developer would type after it. */
  async run(args: readonly string[] = [], env: Record<string, string> = {}, use = ''): Promise<SuiteRun> {
    const id = Math.random().toString(36).slice(2);
    const config = `playwright-${id}.config.js`;
    await this.write(config, configOf(this.baseURL, id, use));
    const child = spawn(
      process.execPath,
      [join(repository, 'node_modules/@playwright/test/cli.js'), 'test', '--config', config, ...args],
      { cwd: this.folder, env: { ...cleanEnvironment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    const [code] = (await once(child, 'close')) as [number];
    const report = JSON.parse(await this.read(`report-${id}.json`).catch(() => '{}'));
    const attached = attachmentsIn(report);
    return {
      code,
      output: stripColours(output),
      attachments: (name) =>
        attached.filter((one) => one.name === name).map(({ body = '' }) => Buffer.from(body, 'base64').toString()),
    };
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

function configOf(baseURL: string, id: string, use: string): string {
  return `import { defineConfig } from '@playwright/test';
export default defineConfig({
  testDir: '.',
  outputDir: 'results-${id}',
  fullyParallel: true,
  workers: 2,
  timeout: 20_000,
  reporter: [['list'], ['json', { outputFile: 'report-${id}.json' }]],
  use: { baseURL: ${JSON.stringify(baseURL)}, launchOptions: ${JSON.stringify(launchOptions())}, ${use} },
});
`;
}

/** Nothing of the run this test is part of. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const own = /^(TEST_|PW|PLAYWRIGHT_|REFRAIN_|CI$|FORCE_COLOR|NODE_OPTIONS)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}

function attachmentsIn(value: unknown): Attachment[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'attachments' ? (member as Attachment[]) : attachmentsIn(member),
  );
}

function stripColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours begin with one
  return text.replace(/\u001b\[[\d;]*[A-Za-z]/g, '');
}
