import { expect, test } from 'vitest';
import { sampleEntry } from '../store/tier-contract.ts';
import { paced } from './pace.ts';

const events = ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n'];

/** A clock that stands still but for what is waited for. */
class Clock {
  time = 1000;
  readonly paces: boolean = true;
  readonly now = () => this.time;
  readonly after = async (milliseconds: number) => {
    this.time += milliseconds;
  };
}

/** Each chunk, with the milliseconds after which it came. */
async function played(pace: 'recorded' | number, meta: object = {}): Promise<[milliseconds: number, text: string][]> {
  const clock = new Clock();
  const body = paced(clock, sampleEntry('a', events.join(''), meta), pace);
  const chunks: [number, string][] = [];
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    chunks.push([clock.time - 1000, new TextDecoder().decode(value)]);
  }
}

test('paced gives bytes when they were recorded to come', async () => {
  const arrivals = [
    [100, 9],
    [150, 18],
  ];
  expect((await played('recorded', { arrivals })).map(([, text]) => text)).toEqual([
    events[0],
    `${events[1]}${events[2]}`,
  ]);
});

test.each<[string, 'recorded' | number, object]>([
  ['in the time it took, where no arrivals were kept', 'recorded', { elapsed: 300 }],
  ['in the time it took, where arrivals are of other bytes', 'recorded', { elapsed: 300, arrivals: [[5, 4]] }],
  ['in the time its tokens take', 20, { tokens: { input: 1, output: 6 } }],
  ['in the time its bytes take for tokens, where nobody counted', 22.5, { tokens: undefined }],
])('paced spreads events evenly, %s', async (_, pace, meta) => {
  const chunks = await played(pace, meta);
  expect(chunks.map(([, text]) => text)).toEqual(events);
  expect(chunks.at(-1)?.[0]).toBe(300);
});

test('paced gives all at once where the page wants that, and where a stream made of JavaScript is not safe', () => {
  const entry = sampleEntry('a', 'data: 1\n\n');
  expect(paced(new Clock(), entry, 'instant')).toBeUndefined();
  expect(paced({ ...new Clock(), paces: false }, entry, 'recorded')).toBeUndefined();
});
