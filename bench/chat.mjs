// What does a Playwright suite cost whose LLM calls are answered from a cassette, beside asking the provider?
//
//   npm run bench:chat        (some five minutes)
//
// The suite of examples/chat, whole: against its simulated provider, which answers as fast as upstream.json says, without
// Refrain (`live`) and in mode `record`; and from the committed cassette (`replay`). In turn, in another order every
// round, one test at a time (what Playwright's own template does in CI), the app being served already. A run whose tests
// do not all pass, or a replay that reaches the provider, ends the measurement. Writes bench/results/chat.json, and the
// table between the README's marks `<!-- chat figures -->` and `<!-- /chat figures -->`, if it has them.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { LLMock } from '@copilotkit/aimock';
import { installChat, runSuite, serveChat } from '../e2e/example-chat/installed.mjs';
import { mulberry, printTable, quantile, ratioOf, shuffled } from './figures.mjs';

const RESULTS = new URL('results/', import.meta.url);
const README = new URL('../README.md', import.meta.url);
const MARKED = /<!-- chat figures -->[\s\S]*<!-- \/chat figures -->/;
const ROUNDS = 3;

const upstream = { calls: 0, input: 0, output: 0 };
const provider = await startProvider();
const contenders = {
  live: await contender(4174, { withRefrain: false }),
  record: await contender(4175),
  replay: await contender(4176),
};
const load = [loadavg()[0]];
try {
  const random = mulberry(ROUNDS);
  for (let round = 1; round <= ROUNDS; round++) {
    for (const name of shuffled(Object.keys(contenders), random)) await measure(name);
    console.log(`round ${round} of ${ROUNDS}`);
  }
  load.push(loadavg()[0]);
  const results = summary();
  print(results);
  await write(results);
} finally {
  for (const { chat, server } of Object.values(contenders)) {
    await server.close();
    await chat.remove();
  }
  await provider.stop();
}

async function startProvider() {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent' });
  await mock.start();
  return mock;
}

async function contender(port, options) {
  const chat = await installChat(options);
  const server = await serveChat(chat, `http://127.0.0.1:${provider.port}`, port, countTokens);
  return { chat, server, command: [], tests: [], upstream: [] };
}

async function measure(name) {
  const { chat, server, command, tests, upstream: counted } = contenders[name];
  // Anew for each run: "Regenerate" gets the first of its two answers first.
  provider.reset().loadFixtureFile(`${chat.folder}/upstream.json`);
  Object.assign(upstream, { calls: 0, input: 0, output: 0 });
  const run = await runSuite(chat, server, name === 'record' ? 'record' : 'replay', ['--workers=1']);
  if (run.code !== 0) throw new Error(`Cannot measure ${name}: ${[...run.faults, run.told].join('\n')}`);
  if (name === 'replay' && upstream.calls > 0)
    throw new Error(`Cannot measure replay: ${upstream.calls} calls reached the provider, none is needed`);
  command.push(run.elapsed / 1000);
  tests.push(run.tests.reduce((sum, { duration }) => sum + duration, 0) / 1000);
  counted.push({ ...upstream });
}

/** The provider says at an answer's end what it counts. */
async function countTokens(answer) {
  upstream.calls++;
  let text = '';
  for await (const piece of answer) text += piece;
  upstream.input += Number(/"prompt_tokens":(\d+)/.exec(text)?.[1] ?? 0);
  upstream.output += Number(/"completion_tokens":(\d+)/.exec(text)?.[1] ?? 0);
}

function summary() {
  const { live } = contenders;
  const rows = Object.entries(contenders).map(([name, { command, tests, upstream }]) => ({
    name,
    command: quantile(command, 0.5),
    tests: quantile(tests, 0.5),
    faster: ratioOf(live.command, command, 0.5),
    testsFaster: ratioOf(live.tests, tests, 0.5),
    upstream: upstream.at(-1),
  }));
  return { rows, rounds: ROUNDS, cores: availableParallelism(), load, when: new Date().toISOString() };
}

function cellsOf({ rows }) {
  const seconds = (value) => `${value.toFixed(1)} s`;
  const times = ({ ratio, low, high }) => `${ratio.toFixed(1)} (${low.toFixed(1)}-${high.toFixed(1)})`;
  return [
    [
      'the suite of examples/chat',
      'command',
      'times faster',
      'its 9 tests',
      'times faster',
      'calls',
      'tokens in',
      'out',
    ],
    ...rows.map(({ name, command, tests, faster, testsFaster, upstream: { calls, input, output } }) => [
      name,
      seconds(command),
      times(faster),
      seconds(tests),
      times(testsFaster),
      ...[calls, input, output].map(String),
    ]),
  ];
}

function aboutRun({ rounds, cores, load: [before, after], when }) {
  return `Medians of ${rounds} rounds, one test at a time, in brackets the interval of 95 %. ${when.slice(0, 10)}, ${cores} cores, load ${before.toFixed(2)} to ${after.toFixed(2)}.`;
}

function print(results) {
  printTable('A suite of Playwright: live, recorded, replayed', cellsOf(results));
  console.log(`\n${aboutRun(results)}`);
}

async function write(results) {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL('chat.json', RESULTS), `${JSON.stringify(results, null, 2)}\n`);
  const text = await readFile(README, 'utf8');
  const [head, ...rows] = cellsOf(results);
  const table = [head, head.map((_cell, at) => (at === 0 ? '---' : '---:')), ...rows].map(
    (row) => `| ${row.join(' | ')} |`,
  );
  const section = [
    '<!-- chat figures -->',
    table.join('\n'),
    `${aboutRun(results)} \`npm run bench:chat\` measures anew.`,
    '<!-- /chat figures -->',
  ];
  if (MARKED.test(text))
    await writeFile(
      README,
      text.replace(MARKED, () => section.join('\n\n')),
    );
}
