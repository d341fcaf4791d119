import { expect, test } from 'vitest';
import { isLoopback, type Partition, Partitioner } from './partition.ts';

const api = 'https://api.example/v1/chat/completions';

function importSecret(fill: number): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', new Uint8Array(32).fill(fill), algorithm, false, ['sign']);
}

const partitioner = new Partitioner(() => importSecret(1));

interface Asked {
  url?: string;
  headers?: Record<string, string>;
  credentials?: RequestCredentials;
  sameOrigin?: boolean;
  named?: string | null;
}

function partitionOf(asked: Asked, by = partitioner): Promise<Partition> {
  const { url = api, headers = {}, credentials = 'same-origin', sameOrigin = false, named = null } = asked;
  return by.partitionOf(new URL(url), new Headers(headers), credentials, sameOrigin, named);
}

async function idOf(asked: Asked, by = partitioner): Promise<string> {
  const partition = await partitionOf(asked, by);
  if ('ambient' in partition) throw new Error('ambient');
  return partition.id;
}

/** Each way a request carries a credential, of two users. */
const carriers: [name: string, one: Asked, other: Asked][] = [
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'ocp-apim-subscription-key',
  'openai-organization',
  'openai-project',
  'anthropic-workspace-id',
  'x-goog-user-project',
].map((name) => [name, { headers: { [name]: 'sk-alice' } }, { headers: { [name]: 'sk-bob' } }]);
for (const name of ['key', 'access_token', 'api_key'])
  carriers.push([`?${name}=`, { url: `${api}?${name}=sk-alice` }, { url: `${api}?${name}=sk-bob` }]);

test.each(carriers)(
  'Partitioner gives one credential one partition, another another: %s',
  async (_name, one, other) => {
    expect(await idOf(one)).toBe(await idOf(one));
    expect(await idOf(one)).not.toBe(await idOf(other));
    expect(await idOf(one)).not.toBe(await idOf({}));
  },
);

test.each(carriers)('Partitioner gives an id without any of the credential’s text: %s', async (_name, one) => {
  expect(await idOf(one)).toMatch(/^[0-9a-f]{64}$/);
});

test('Partitioner keeps apart the same text carried by different headers', async () => {
  const ids = ['authorization', 'x-api-key', 'api-key'].map((name) => idOf({ headers: { [name]: 'sk-1' } }));
  expect(new Set(await Promise.all(ids)).size).toBe(3);
});

test('Partitioner counts every credential a request carries, the organisation too', async () => {
  const key = await idOf({ headers: { authorization: 'Bearer k' } });
  const one = await idOf({ headers: { authorization: 'Bearer k', 'openai-organization': 'org-1' } });
  const other = await idOf({ headers: { authorization: 'Bearer k', 'openai-organization': 'org-2' } });
  expect(new Set([key, one, other]).size).toBe(3);
});

test('Partitioner keeps apart credentials whose texts join to the same', async () => {
  const one = await idOf({ headers: { 'api-key': 'a', authorization: 'bx' } });
  const other = await idOf({ headers: { 'api-key': 'xa', authorization: 'b' } });
  expect(one).not.toBe(other);
});

test('Partitioner takes a credential for the same, in whatever order the query has it', async () => {
  const one = await idOf({ url: `${api}?key=k&access_token=t&alt=sse` });
  const other = await idOf({ url: `${api}?alt=sse&access_token=t&key=k` });
  expect(one).toBe(other);
});

test('Partitioner does not look at the path, the model or other parameters', async () => {
  const headers = { authorization: 'Bearer k' };
  const ids = [api, 'https://other.example/v1/messages', `${api}?api-version=1`].map((url) => idOf({ url, headers }));
  expect(new Set(await Promise.all(ids)).size).toBe(1);
});

test('Partitioner gives another id under another secret', async () => {
  const asked = { headers: { authorization: 'Bearer k' } };
  expect(await idOf(asked, new Partitioner(() => importSecret(2)))).not.toBe(await idOf(asked));
});

test('Partitioner gives the same id in another worker with the same secret', async () => {
  const asked = { headers: { authorization: 'Bearer k' } };
  expect(await idOf(asked, new Partitioner(() => importSecret(1)))).toBe(await idOf(asked));
});

test('Partitioner remembers an id, so that a repeat asks for no secret', async () => {
  let asked = 0;
  const counting = new Partitioner(() => {
    asked++;
    return importSecret(1);
  });
  await idOf({ headers: { authorization: 'Bearer k' } }, counting);
  await idOf({ headers: { authorization: 'Bearer k' } }, counting);
  expect(asked).toBe(1);
});

const signature = (accessKey: string, signed: string, day = '20260102') =>
  `AWS4-HMAC-SHA256 Credential=${accessKey}/${day}/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signed}`;

test('Partitioner takes a SigV4 signature for its access key id, which is what stays', async () => {
  const one = await idOf({
    headers: { authorization: signature('AKIDALICE', 'aa11'), 'x-amz-security-token': 'session-1' },
  });
  const later = await idOf({
    headers: { authorization: signature('AKIDALICE', 'bb22', '20260103'), 'x-amz-security-token': 'session-2' },
  });
  const other = await idOf({
    headers: { authorization: signature('AKIDBOB', 'aa11'), 'x-amz-security-token': 'session-1' },
  });
  expect(later).toBe(one);
  expect(other).not.toBe(one);
});

test('Partitioner takes a presigned URL for its access key id', async () => {
  const presigned = (accessKey: string, signed: string) =>
    `${api}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${accessKey}%2F20260102%2Fus-east-1%2Fbedrock%2Faws4_request&X-Amz-Date=20260102T00${signed}Z&X-Amz-Signature=${signed}`;
  expect(await idOf({ url: presigned('AKIDALICE', '0001') })).toBe(await idOf({ url: presigned('AKIDALICE', '0002') }));
  expect(await idOf({ url: presigned('AKIDALICE', '0001') })).not.toBe(
    await idOf({ url: presigned('AKIDBOB', '0001') }),
  );
});

test('Partitioner takes a key that looks like part of a signature whole', async () => {
  const one = await idOf({ headers: { 'x-api-key': 'tenant/20260102/a' } });
  const other = await idOf({ headers: { 'x-api-key': 'tenant/20260102/b' } });
  expect(one).not.toBe(other);
});

test('Partitioner lets a given partition replace the credential', async () => {
  const one = await idOf({ named: 'user-1', headers: { authorization: 'Bearer a' } });
  const rotated = await idOf({ named: 'user-1', headers: { authorization: 'Bearer b' } });
  const other = await idOf({ named: 'user-2', headers: { authorization: 'Bearer a' } });
  expect(rotated).toBe(one);
  expect(other).not.toBe(one);
  expect(one).toMatch(/^[0-9a-f]{64}$/);
});

test('Partitioner never lets a given partition meet a credential of the same text', async () => {
  expect(await idOf({ named: 'k' })).not.toBe(await idOf({ headers: { authorization: 'k' } }));
});

test('Partitioner gives one partition to all, when the app says shared', async () => {
  const asked = { named: 'shared', credentials: 'include', sameOrigin: true } as const;
  expect(await partitionOf({ ...asked, headers: { authorization: 'Bearer a' } })).toEqual({ id: 'shared' });
  expect(await partitionOf(asked)).toEqual({ id: 'shared' });
});

test.each<[string, Asked]>([
  ['another origin, credentials same-origin', {}],
  ['another origin, credentials omit', { credentials: 'omit' }],
  ['the own origin, credentials omit', { credentials: 'omit', sameOrigin: true }],
])('Partitioner knows that nobody is told apart: %s', async (_name, asked) => {
  expect(await partitionOf(asked)).toEqual({ id: 'none' });
});

const ambient: [string, Asked][] = [
  ['the own origin, credentials same-origin', { sameOrigin: true }],
  ['the own origin, credentials include', { sameOrigin: true, credentials: 'include' }],
  ['another origin, credentials include', { credentials: 'include' }],
];

test.each(ambient)('Partitioner cannot tell, where the browser may add a cookie: %s', async (_name, asked) => {
  expect(await partitionOf(asked)).toEqual({ ambient: true });
});

test.each(ambient)('Partitioner cannot tell by an organisation, which many users share: %s', async (_name, asked) => {
  expect(await partitionOf({ ...asked, headers: { 'openai-organization': 'org-1' } })).toEqual({ ambient: true });
});

test.each(ambient)('Partitioner assumes one user on the own machine: %s', async (_name, asked) => {
  const url = 'http://localhost:3000/v1/chat/completions';
  expect(await partitionOf({ ...asked, url })).toEqual({ id: 'none', assumed: true });
});

test('Partitioner keeps two credentials apart on the own machine too', async () => {
  const url = 'http://127.0.0.1:8080/v1/chat/completions';
  const one = await idOf({ url, sameOrigin: true, headers: { authorization: 'a' } });
  expect(one).not.toBe(await idOf({ url, sameOrigin: true, headers: { authorization: 'b' } }));
});

test.each([
  'http://localhost/',
  'http://localhost:11434/',
  'http://app.localhost/',
  'http://127.0.0.1/',
  'http://127.8.9.1:3000/',
  'http://[::1]:8080/',
])('isLoopback knows %s', (url) => {
  expect(isLoopback(new URL(url))).toBe(true);
});

test.each([
  'https://localhost.example/',
  'https://notlocalhost/',
  'https://127.example.com/',
  'https://127.0.0.1.example/',
  'http://192.168.0.1/',
  'http://10.127.0.1/',
  'http://[::2]/',
])('isLoopback does not take %s for the own machine', (url) => {
  expect(isLoopback(new URL(url))).toBe(false);
});
