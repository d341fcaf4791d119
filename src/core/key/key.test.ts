import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KeyParts, keyOf, materialOf } from './key.ts';

const chat = 'https://api.example/v1/chat/completions';

interface Asked extends Partial<Omit<KeyParts, 'url' | 'headers'>> {
  readonly shape?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
}

function partsOf({ url = chat, headers = {}, shape: _, ...rest }: Asked): KeyParts {
  return {
    format: 'openai-chat',
    method: 'POST',
    url: new URL(url),
    headers: new Headers(headers),
    partition: 'none',
    modelVersion: undefined,
    variant: undefined,
    digest: 'json 00',
    ...rest,
  };
}

function keyFor(asked: Asked): Promise<string> {
  return keyOf(materialOf(partsOf(asked)), asked.shape ?? 'json');
}

test('keyOf gives 64 hexadecimal digits, the same for the same request', async () => {
  const key = await keyFor({});
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(await keyFor({})).toBe(key);
});

test.each<[string, Asked]>([
  ['method', { method: 'PUT' }],
  ['scheme', { url: 'http://api.example/v1/chat/completions' }],
  ['host', { url: 'https://api2.example/v1/chat/completions' }],
  ['port', { url: 'https://api.example:8443/v1/chat/completions' }],
  ['path', { url: 'https://api.example/v2/chat/completions' }],
  ['query', { url: `${chat}?api-version=2` }],
  ['empty query parameter', { url: `${chat}?beta` }],
  ['unknown header', { headers: { 'x-something-new': '1' } }],
  ['content type', { headers: { 'content-type': 'application/json' } }],
  ['partition', { partition: 'other' }],
  ['model version', { modelVersion: '2' }],
  ['variant', { variant: '2' }],
  ['shape', { shape: 'stream' }],
  ['body', { digest: 'json 01' }],
  ['form of the body', { digest: 'raw 00' }],
])('keyOf changes with the %s', async (_what, asked) => {
  expect(await keyFor(asked)).not.toBe(await keyFor({}));
});

test('keyOf changes with the model in a path, as Gemini has it', async () => {
  const at = (model: string) => keyFor({ url: `https://g.example/v1beta/models/${model}:generateContent` });
  expect(await at('gemini-2.5-flash')).not.toBe(await at('gemini-2.5-pro'));
});

test('materialOf leaves out how an answer is delivered, where a URL says so', () => {
  const by = (format: KeyParts['format'], method: string) =>
    materialOf(partsOf({ format, url: `https://g.example/v1beta/models/m:${method}` }));
  for (const other of ['streamGenerateContent', 'streamGenerateContent?alt=sse'])
    expect(by('gemini', other)).toEqual(by('gemini', 'generateContent'));
  expect(by('anthropic', 'streamRawPredict')).toEqual(by('anthropic', 'rawPredict'));
});

test('materialOf keeps a model whose name looks like a method', () => {
  const of = (model: string) =>
    materialOf(partsOf({ format: 'gemini', url: `https://g.example/v1beta/tunedModels/${model}:generateContent` }));
  expect(of('a:streamb')).not.toEqual(of('a:b'));
});

test('materialOf keeps a method and an `alt` that say more', () => {
  const by = (format: KeyParts['format'], method: string) =>
    materialOf(partsOf({ format, url: `https://g.example/v1beta/models/m:${method}` }));
  const all = ['generateContent', 'generateContent?alt=proto', 'embedContent', 'generateContent?%61lt=sse'];
  expect(new Set(all.map((method) => JSON.stringify(by('gemini', method)))).size).toBe(all.length);
  expect(by('generic', 'streamGenerateContent')).not.toEqual(by('generic', 'generateContent'));
});

test.each(['key', 'access_token', 'api_key', 'X-Amz-Signature'])(
  'materialOf never holds a credential of the query: ?%s=',
  async (name) => {
    const url = `https://g.example/v1beta/models/m:generateContent?${name}=SECRET&alt=sse`;
    const material = materialOf(partsOf({ url }));
    expect(JSON.stringify(material)).not.toContain('SECRET');
    expect(material).toContainEqual(['?alt', 'sse']);
  },
);

test('materialOf never holds a credential of a header', () => {
  const headers = {
    authorization: 'Bearer SECRET',
    'x-api-key': 'SECRET',
    'api-key': 'SECRET',
    'x-goog-api-key': 'SECRET',
    'ocp-apim-subscription-key': 'SECRET',
    'x-amz-security-token': 'SECRET',
  };
  expect(JSON.stringify(materialOf(partsOf({ headers })))).not.toContain('SECRET');
});

test('keyOf takes no notice of what an SDK says of itself and of its attempt', async () => {
  const headers = {
    'x-stainless-retry-count': '1',
    'x-stainless-lang': 'js',
    'x-stainless-runtime': 'browser:chrome',
    'user-agent': 'sdk/1',
    'x-goog-api-client': 'google-genai-sdk/1',
    traceparent: '00-1-2-01',
    'x-request-id': 'r',
    'idempotency-key': 'i',
    accept: 'application/json',
    'accept-language': 'de',
    'anthropic-dangerous-direct-browser-access': 'true',
  };
  expect(await keyFor({ headers })).toBe(await keyFor({}));
});

test.each(['accept', 'accept-language'])(
  'keyOf changes with %s where an app’s own endpoint may answer by it',
  async (name) => {
    for (const format of ['generic', 'ui-message'] as const)
      expect(await keyFor({ format, headers: { [name]: 'a' } })).not.toBe(
        await keyFor({ format, headers: { [name]: 'b' } }),
      );
  },
);

test('keyOf takes no notice of what the app asks of the cache', async () => {
  expect(await keyFor({ headers: { 'cache-control': 'no-cache', pragma: 'no-cache', 'x-refrain': 'ttl=1s' } })).toBe(
    await keyFor({}),
  );
});

test.each([
  ['anthropic-version', '2023-06-01', '2026-10-21'],
  ['anthropic-beta', 'a', 'b'],
  ['anthropic-beta', 'a', 'a,b'],
  ['openai-beta', 'assistants=v2', 'realtime=v1'],
  ['x-amzn-bedrock-guardrailidentifier', 'one', 'two'],
])('keyOf changes with %s: %s or %s', async (name, one, other) => {
  expect(await keyFor({ headers: { [name]: one } })).not.toBe(await keyFor({ headers: { [name]: other } }));
});

test('keyOf takes anthropic-beta in any order and spacing', async () => {
  const of = (betas: string) => keyFor({ headers: { 'anthropic-beta': betas } });
  expect(await of('prompt-1, tools-2')).toBe(await of('tools-2,prompt-1'));
});

test('keyOf keeps the order of every other list', async () => {
  const of = (list: string) => keyFor({ headers: { 'x-models': list } });
  expect(await of('a, b')).not.toBe(await of('b, a'));
});

test('keyOf takes a form’s content type without its boundary', async () => {
  const of = (boundary: string) => keyFor({ headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } });
  expect(await of('a1')).toBe(await of('b2'));
});

test('keyOf keeps the parameters of every other content type', async () => {
  const of = (charset: string) => keyFor({ headers: { 'content-type': `text/plain; charset=${charset}` } });
  expect(await of('utf-8')).not.toBe(await of('latin1'));
});

test.each([
  ['?q=%FF', '?q=%FE'],
  ['?q=%C3%28', '?q=%A0%A1'],
  ['?q=a+b', '?q=a%20b'],
  ['?a=1%26b%3D2', '?a=1&b=2'],
  ['?a=1&b=2', '?b=2&a=1'],
  ['?a=1&a=2', '?a=2&a=1'],
  ['?a=1', '?a=1&a=1'],
])('keyOf keeps the queries %s and %s apart', async (one, other) => {
  expect(await keyFor({ url: chat + one })).not.toBe(await keyFor({ url: chat + other }));
});

test('keyOf keeps a path as it is written', async () => {
  const at = (path: string) => keyFor({ url: `https://api.example/a${path}/v1/messages` });
  expect(await at('%FF')).not.toBe(await at('%FE'));
  expect(await at('%2Fb')).not.toBe(await at('/b'));
});

test('materialOf keeps a header named like a part of the material apart from it', async () => {
  const one = await keyFor({ headers: { partition: 'a' }, partition: 'b' });
  const other = await keyFor({ headers: { partition: 'b' }, partition: 'a' });
  expect(one).not.toBe(other);
  expect(await keyFor({ headers: { variant: '1' } })).not.toBe(await keyFor({ variant: '1' }));
});

test('keyOf never gives two different requests one key', async () => {
  const texts = fc.constantFrom('', 'a', 'b', 'body', 'shape', '?q', '\0\0\0\u0001a');
  const requests = fc.record({
    headers: fc.dictionary(
      fc.constantFrom('x-a', 'partition', 'body', 'shape', 'variant'),
      fc.constantFrom('', 'a', 'b'),
      {
        maxKeys: 2,
        noNullPrototype: true,
      },
    ),
    query: fc.array(fc.tuple(fc.constantFrom('q', 'body', 'partition'), fc.constantFrom('', 'a', 'b')), {
      maxLength: 2,
    }),
    partition: texts,
    modelVersion: fc.constantFrom(undefined, 'a', 'b'),
    variant: fc.constantFrom(undefined, 'a', 'b'),
    digest: texts,
    shape: texts,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(requests, { minLength: 20, maxLength: 40 }), async (many) => {
      const seen = new Map<string, string>();
      for (const { headers, query, digest, shape, ...rest } of many) {
        const url = `${chat}?${query.map((pair) => pair.join('=')).join('&')}`;
        const key = await keyFor({ url, headers, digest, shape, ...rest });
        const request = JSON.stringify([[...new Headers(headers)], query, digest, shape, rest]);
        expect(seen.get(key) ?? request).toBe(request);
        seen.set(key, request);
      }
    }),
    { numRuns: 30 },
  );
});

test("materialOf counts a parameter called like a credential on an app's own endpoint", () => {
  const by = (format: KeyParts['format'], key: string) =>
    JSON.stringify(materialOf(partsOf({ format, url: `https://app.example/answer?key=${key}` })));
  expect(by('generic', 'a')).not.toBe(by('generic', 'b'));
  expect(by('openai-chat', 'a')).toBe(by('openai-chat', 'b'));
});
