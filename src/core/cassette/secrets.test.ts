import { expect, test } from 'vitest';
import { secretIn, secretInText, withoutCredentials } from './secrets.ts';

test.each([
  'api_key',
  'apiKey',
  'API-KEY',
  'x-api-key',
  'authorization',
  'authorization_token',
  'access_token',
  'refreshToken',
  'client_secret',
  'secretAccessKey',
  'aws_secret_access_key',
  'password',
  'passphrase',
  'private_key',
  'cookie',
])('%s is the name of a credential, in bodies and in texts', (name) => {
  const body = { servers: [{ [name]: 'hunter2' }] };
  expect(secretIn(body)).toBe(`/servers/0/${name}`);
  expect(secretInText(JSON.stringify(body))).toBe(name);
  expect(secretInText(`data: {"${name}": "x"}\n\n`)).toBe(name);
});

test.each([
  { token: 'Hello', tokens: '3', max_tokens: '5', logprobs: [{ token: 'a' }] },
  { tools: [{ parameters: { properties: { password: { type: 'string' }, api_key: { type: 'string' } } } }] },
  { key: 'C major', secret: '', password: '' },
  { messages: [{ content: 'my password is "api_key": well hidden' }] },
])('Nothing in %j is taken for a credential', (body) => {
  expect(secretIn(body)).toBeUndefined();
});

test('withoutCredentials keeps origin, path and parameters, without user, fragment and what may be a credential', () => {
  const url = new URL('https://ann:pw@api.example:8443/v1/chat?alt=sse&key=k1&access_token=t&sig=s&api-version=3#part');
  expect(withoutCredentials(url)).toBe('https://api.example:8443/v1/chat?alt=sse&api-version=3');
});
