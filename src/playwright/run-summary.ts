import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { readCassetteFile } from './cassette-file.ts';
import { closeRun, type LedgerLine, openRun } from './run-ledger.ts';

/** Options of `playwright test` that leave tests out. */
const leavesOut =
  /^(-g|-G|--grep(-invert)?|--shard|--last-failed|--only-changed|--project|--test-list(-invert)?|--max-failures|-x)(=.*)?$/;

/**
 * In the runner's process, which loads test files before it starts its workers: sums the run up when it ends, and makes a
 * green run fail whose replayed tests were served nothing.
 */
export function watchRun(): void {
  const isRunner = process.env.TEST_WORKER_INDEX === undefined && process.argv[2] === 'test';
  if (!isRunner) return;
  const folder = openRun();
  process.on('exit', (code) => {
    const { text, servedNothing } = summaryOf(closeRun(folder), runsAll(process.argv.slice(3)));
    // Not to stdout, which a reporter may fill with JSON.
    process.stderr.write(text);
    if (servedNothing && code === 0) process.exitCode = 1;
  });
}

/** Those that take a value after a space. */
const takesValue =
  /^(-c|--config|-j|--workers|--reporter|--retries|--repeat-each|--timeout|--global-timeout|--output|--trace|--tsconfig)$/;

/** Does this command line leave no test out? What is neither an option nor an option's value is a filter. */
export function runsAll(args: readonly string[]): boolean {
  return !args.some((arg, at) => leavesOut.test(arg) || !(arg.startsWith('-') || takesValue.test(args[at - 1] ?? '')));
}

/** What is told of a run, one line a cassette. */
export function summaryOf(lines: readonly LedgerLine[], isWhole: boolean): { text: string; servedNothing: boolean } {
  const byCassette = new Map<string, LedgerLine[]>();
  for (const line of lines) byCassette.set(line.cassette, [...(byCassette.get(line.cassette) ?? []), line]);
  const told = [...byCassette].map(([cassette, tests]) => tellCassette(cassette, tests, isWhole));
  const replayed = lines.filter(({ mode }) => mode === 'replay');
  const servedNothing =
    isWhole &&
    replayed.length > 0 &&
    replayed.every(({ served, passed, mayServeNothing }) => served === 0 && passed && !mayServeNothing);
  const verdict = servedNothing
    ? [
        `Cannot call this run green: it replayed ${count(replayed.length, 'test')} and served no answer, an LLM call that Refrain sees is needed (or refrainOptions: { mayServeNothing: true })`,
      ]
    : [];
  return { text: [...told, ...verdict].map((line) => `Refrain: ${line}\n`).join(''), servedNothing };
}

function tellCassette(cassette: string, tests: readonly LedgerLine[], isWhole: boolean): string {
  const sum = (of: (line: LedgerLine) => number) => tests.reduce((total, test) => total + of(test), 0);
  const used = new Set(tests.flatMap((test) => test.used));
  const [first] = tests as [LedgerLine];
  const isReplay = tests.every(({ mode }) => mode === 'replay');
  const unused = isReplay ? unusedOf(cassette, used) : 0;
  const isGreen = tests.every(({ passed }) => passed);
  const place = isWhole && isGreen && unused > 0 ? writeKeys(cassette, used, first.outputDir) : undefined;
  const prune = place === undefined ? '' : `; npx refrain cassette prune ${shown(cassette)} --keys ${shown(place)}`;
  const figures = [
    `${sum(({ served }) => served)} served`,
    isReplay
      ? `${sum(({ missed }) => missed)} missed, ${unused} unused`
      : `${sum(({ recorded }) => recorded)} recorded`,
  ];
  return `${shown(cassette)}: ${figures.join(', ')} in ${count(tests.length, 'test')}${prune}`;
}

function unusedOf(cassette: string, used: ReadonlySet<string>): number {
  try {
    return readCassetteFile(cassette).recordings.filter(({ key }) => !used.has(key)).length;
  } catch {
    return 0;
  }
}

/** Keys of all that was served, a line each. */
function writeKeys(cassette: string, used: ReadonlySet<string>, outputDir: string): string {
  const place = join(outputDir, `${basename(cassette)}.keys`);
  mkdirSync(outputDir, { recursive: true });
  writeFileSync(
    place,
    [...used]
      .sort()
      .map((key) => `${key}\n`)
      .join(''),
  );
  return place;
}

function shown(path: string): string {
  return relative(process.cwd(), path) || path;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
