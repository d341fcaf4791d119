import { expect, test } from 'vitest';
import { isCredentialParameter, roleOfHeader, storableHeaders } from './headers.ts';

const perAttempt = [
  'x-stainless-retry-count',
  'x-stainless-timeout',
  'x-stainless-helper-method',
  'x-stainless-poll-helper',
  'x-stainless-stream-helper',
  'x-stainless-custom-poll-interval',
  'x-stainless-async',
  'x-stainless-read-timeout',
  'x-stainless-raw-response',
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amzn-trace-id',
  'x-ms-client-request-id',
  'x-request-id',
  'x-client-request-id',
  'idempotency-key',
  'traceparent',
  'tracestate',
  'baggage',
  'sentry-trace',
  'x-server-timeout',
];

const perClient = [
  'user-agent',
  'x-stainless-lang',
  'x-stainless-arch',
  'x-stainless-os',
  'x-stainless-package-version',
  'x-stainless-runtime',
  'x-stainless-runtime-version',
  'x-goog-api-client',
  'x-fern-language',
  'x-fern-sdk-version',
  'x-client-name',
  'http-referer',
  'x-title',
  'x-openrouter-title',
  'accept',
  'accept-language',
  'origin',
  'referer',
  'sec-ch-ua',
  'sec-fetch-mode',
];

const control = ['cache-control', 'pragma', 'x-refrain', 'x-openrouter-cache', 'x-openrouter-cache-ttl'];

test.each([...perAttempt, ...perClient, ...control])('roleOfHeader leaves %s out', (name) => {
  expect(roleOfHeader(name)).toBe('left-out');
});

test.each([
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'ocp-apim-subscription-key',
  'x-amz-security-token',
])('roleOfHeader knows a credential: %s', (name) => {
  expect(roleOfHeader(name)).toBe('credential');
});

test.each([
  'openai-organization',
  'openai-project',
  'anthropic-workspace-id',
  'anthropic-user-profile-id',
  'x-goog-user-project',
  'x-hf-bill-to',
])('roleOfHeader knows an organisation, which says who asks and proves nothing: %s', (name) => {
  expect(roleOfHeader(name)).toBe('organisation');
});

test.each([
  'anthropic-version',
  'anthropic-beta',
  'openai-beta',
  'x-amzn-bedrock-guardrailidentifier',
  'x-amzn-bedrock-guardrailversion',
  'x-amzn-bedrock-trace',
  'x-portkey-provider',
  'cf-aig-metadata',
  'helicone-property-session',
  'content-type',
])('roleOfHeader makes %s part of the key', (name) => {
  expect(roleOfHeader(name)).toBe('key');
});

test.each([
  'x-something-new',
  'x-request-id-2',
  'my-x-request-id',
  'accept-version',
  'x-titles',
  'security',
  'x-api-keys',
  'authorization-scope',
])('roleOfHeader makes a header nobody knows part of the key: %s', (name) => {
  expect(roleOfHeader(name)).toBe('key');
});

test.each(['key', 'access_token', 'api_key', 'X-Amz-Signature', 'x-amz-credential', 'KEY'])(
  'isCredentialParameter knows %s',
  (name) => {
    expect(isCredentialParameter(name)).toBe(true);
  },
);

test.each(['alt', '$alt', 'api-version', 'beta', 'keys', 'monkey', 'q', ''])(
  'isCredentialParameter does not know %j',
  (name) => {
    expect(isCredentialParameter(name)).toBe(false);
  },
);

test('storableHeaders keeps what is on its list, and no session, request or rate', () => {
  const headers = new Headers({
    'content-type': 'text/event-stream; charset=utf-8',
    'openai-version': '2020-10-01',
    'x-generation-id': 'gen-1',
    'content-length': '12',
    'content-encoding': 'gzip',
    'x-request-id': 'req-1',
    'x-refreshed-token': 'secret',
    authorization: 'secret',
    'openai-organization': 'org',
    'x-ratelimit-remaining': '3',
    'retry-after': '1',
    'x-should-retry': 'true',
    age: '5',
    date: 'today',
    etag: 'x',
    'cache-status': 'other; hit',
    'access-control-allow-origin': '*',
    'content-security-policy': "default-src 'none'",
  });
  headers.append('set-cookie', 'session=secret');
  expect(storableHeaders(headers)).toEqual([
    ['content-type', 'text/event-stream; charset=utf-8'],
    ['openai-version', '2020-10-01'],
    ['x-generation-id', 'gen-1'],
  ]);
});
