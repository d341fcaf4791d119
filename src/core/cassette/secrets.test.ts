import { expect, test } from 'vitest';
import { secretIn, secretInText, withoutCredentials } from './secrets.ts';

const names = [
  ...['api_key', 'apiKey', 'API-KEY', 'apikey', 'x-api-key', 'openai_api_key', 'OPENAI_API_KEY', 'openaiApiKey'],
  ...['authorization', 'Authorization', 'proxy-authorization', 'bearer', 'bearerToken', 'access_token', 'accessToken'],
  ...[
    'refresh_token',
    'id_token',
    'authToken',
    'session_token',
    'client_secret',
    'clientSecret',
    'secret',
    'secretKey',
  ],
  ...['secret_access_key', 'aws_secret_access_key', 'password', 'passwd', 'passphrase', 'private_key', 'privateKey'],
  ...['credential', 'credentials', 'cookie', 'set-cookie', 'SetCookie'],
  ...['apiToken', 'githubToken', 'hf_token', 'oauth_token', 'private_token', 'x-access-token', 'aws_session_token'],
  ...[
    'X-Amz-Security-Token',
    'apiSecret',
    'consumer_secret',
    'signingSecret',
    'token_secret',
    'Ocp-Apim-Subscription-Key',
  ],
  ...[
    'accessKey',
    'account_key',
    'encryption_key',
    'signing_key',
    'dbPassword',
    'smtp_password',
    'passcode',
    'api_keys',
  ],
  ...['openai.api_key', 'azure_openai_4_api_key', 'the_very_long_name_of_a_provider_and_its_api_key'],
];

test.each(names)('A member named %s with a text is a credential', (name) => {
  expect(secretIn({ options: [{}, { [name]: 'abc' }] })).toBe(`/options/1/${name}`);
  expect(secretInText(`data: ${JSON.stringify({ [name]: 'abc' })}\n\n`)).toBe(name);
  expect(secretInText(`{"${name}" : "abc"}`)).toBe(name);
});

test.each([
  { token: ' Hello' },
  { tokens: 'many', max_tokens: 5, total_token_count: 'x', logprobs: { content: [{ token: 'password' }] } },
  { password: '' },
  { authorization: null, api_key: false },
  { parameters: { properties: { password: { type: 'string' }, api_key: { type: 'string' } } } },
  { content: 'My password: "abc", {"api_key":"abc"}' },
  { key: 'value', keys: 'a', monkey: 'b', sort_key: 'c', secretary: 'd', passage: 'e' },
  { eos_token: '</s>', stop_token: 'a', next_page_token: 'b', primary_key: 'c', dark_secret: 'd', no_cookies: 'e' },
])('%j holds no credential', (json) => {
  expect(secretIn(json)).toBeUndefined();
  expect(secretInText(JSON.stringify(json))).toBeUndefined();
});

test.each([
  ['https://user:pw@api.example/v1?key=abc#top', 'https://api.example/v1'],
  ['https://api.example/v1?alt=sse&key=abc&version=2', 'https://api.example/v1?alt=sse&version=2'],
  ['https://api.example/v1?%6bey=abc&a=1', 'https://api.example/v1?a=1'],
  [
    'https://api.example/v1?X-Amz-Signature=a&X-Amz-Credential=b&X-Amz-Security-Token=c&x=1',
    'https://api.example/v1?x=1',
  ],
  ['https://api.example/v1?sig=a&api_key=b&access_token=c&code=1', 'https://api.example/v1?code=1'],
  ['https://api.example/v1?a=%2F&b', 'https://api.example/v1?a=%2F&b'],
])('%s is kept as %s', (url, kept) => {
  expect(withoutCredentials(new URL(url))).toBe(kept);
});
