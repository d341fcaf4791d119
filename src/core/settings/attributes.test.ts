import { expect, test } from 'vitest';
import { readAttributes } from './attributes.ts';
import { defaultPageSettings } from './options.ts';

const base = 'https://app.example/';
const nothingNamed = { endpoints: [], exclude: [] };

test('readAttributes gives the defaults, and names nothing of the worker, when nothing is given', () => {
  expect(readAttributes({}, base)).toEqual({ page: defaultPageSettings, worker: nothingNamed, bad: [] });
  expect(defaultPageSettings).toMatchObject({ mode: 'auto', ttl: 2_592_000, partition: null, onAbort: 'cancel' });
});

test.each([
  ['mode', 'auto', 'auto'],
  ['mode', 'record', 'record'],
  ['mode', 'replay', 'replay'],
  ['mode', 'refresh', 'refresh'],
  ['mode', ' off ', 'off'],
  ['ttl', '12h', 43_200],
  ['ttl', 'none', null],
  ['ttl', '0', 0],
  ['models', '{"gpt-4o":"2024-08-06"}', { 'gpt-4o': '2024-08-06' }],
  ['models', '{"m":2}', { m: '2' }],
  ['models', '{}', {}],
  ['partition', 'user-7', 'user-7'],
  ['partition', 'shared', 'shared'],
  ['ignore', '/id', ['/id']],
  ['ignore', '/id  /messages/*/id\n/a~1b', ['/id', '/messages/*/id', '/a~1b']],
  ['onAbort', 'cancel', 'cancel'],
  ['onAbort', 'finish', 'finish'],
])('readAttributes takes %s=%j of a page as %j', (name, text, value) => {
  const { page, worker, bad } = readAttributes({ [name]: text }, base);
  expect(page).toEqual({ ...defaultPageSettings, [name]: value });
  expect(worker).toEqual(nothingNamed);
  expect(bad).toEqual([]);
});

test.each([
  ['memory', '16MB', 16_000_000],
  ['memory', '0', 0],
  ['disk', '2GB', 2_000_000_000],
])('readAttributes takes %s=%j of the worker as %j', (name, text, value) => {
  const { page, worker, bad } = readAttributes({ [name]: text }, base);
  expect(worker).toEqual({ ...nothingNamed, [name]: value });
  expect(page).toEqual(defaultPageSettings);
  expect(bad).toEqual([]);
});

test.each(['worker', 'scope', 'persist'])('readAttributes leaves %s to the page script', (name) => {
  const { page, worker, bad } = readAttributes({ [name]: '' }, base);
  expect({ page, worker, bad }).toEqual({ page: defaultPageSettings, worker: nothingNamed, bad: [] });
});

test.each([
  ['mode', 'Auto', 'data-mode'],
  ['mode', '', 'data-mode'],
  ['ttl', '30', 'data-ttl'],
  ['ttl', '', 'data-ttl'],
  ['memory', '64MiB', 'data-memory'],
  ['disk', 'lots', 'data-disk'],
  ['models', 'gpt-4o', 'data-models'],
  ['models', '["gpt-4o"]', 'data-models'],
  ['models', 'null', 'data-models'],
  ['models', '{"m":{}}', 'data-models'],
  ['models', '{"m":null}', 'data-models'],
  ['partition', '', 'data-partition'],
  ['partition', '  ', 'data-partition'],
  ['ignore', 'id', 'data-ignore'],
  ['ignore', '/id messages', 'data-ignore'],
  ['onAbort', 'abort', 'data-on-abort'],
])('readAttributes lists %s=%j as bad, says what is accepted, and uses the default', (name, text, attribute) => {
  const { page, worker, bad } = readAttributes({ [name]: text }, base);
  expect({ page, worker }).toEqual({ page: defaultPageSettings, worker: nothingNamed });
  expect(bad).toEqual([{ name: attribute, value: text, accepted: expect.stringMatching(/\w+/) }]);
});

test('readAttributes reads how fast, how often and from which cassettes answers come', () => {
  const given = { pace: '50', variants: '3', cassette: 'answers.refrain https://cdn.example/b.refrain', session: 's' };
  const { page, bad } = readAttributes(given, base);
  expect(bad).toEqual([]);
  expect(page).toMatchObject({ pace: 50, variants: 3, session: 's' });
  expect(page.cassette).toEqual([new URL('answers.refrain', base).href, 'https://cdn.example/b.refrain']);
});

test.each([
  ['pace', '0'],
  ['pace', 'fast'],
  ['variants', '0'],
  ['variants', '1.5'],
  ['variants', '101'],
  ['cassette', 'https://'],
])('readAttributes takes no data-%s="%s"', (name, value) => {
  expect(readAttributes({ [name]: value }, base).bad).toEqual([
    { name: `data-${name}`, value, accepted: expect.any(String) },
  ]);
});

test.each(['foo', 'modes', 'onabort', 'constructor', 'toString', '__proto__'])(
  'readAttributes lists an attribute it does not know: %s',
  (name) => {
    const { page, worker, bad } = readAttributes(Object.fromEntries([[name, 'x']]), base);
    expect({ page, worker }).toEqual({ page: defaultPageSettings, worker: nothingNamed });
    expect(bad).toMatchObject([{ value: 'x', accepted: expect.stringContaining('data-on-abort') }]);
  },
);

test('readAttributes takes what is good beside what is bad', () => {
  const { page, bad } = readAttributes({ mode: 'nope', ttl: '1h', onAbort: 'finish', models: undefined }, base);
  expect(page).toEqual({ ...defaultPageSettings, ttl: 3600, onAbort: 'finish' });
  expect(bad.map(({ name }) => name)).toEqual(['data-mode']);
});

test('readAttributes never changes the defaults', () => {
  readAttributes({ ttl: '1h', memory: '1MB' }, base);
  expect(readAttributes({}, base)).toMatchObject({ page: { ttl: 2_592_000 }, worker: nothingNamed });
  expect(readAttributes({}, base).worker).not.toHaveProperty('memory');
});

test('readAttributes keeps a model with the name of what every object has', () => {
  const { page } = readAttributes({ models: '{"constructor":"1","__proto__":"2"}' }, base);
  expect(Object.entries(page.models)).toEqual([
    ['constructor', '1'],
    ['__proto__', '2'],
  ]);
});
