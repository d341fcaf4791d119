/** Names of the wire formats; each is described in a file of that name. */
export type FormatName =
  | 'openai-chat'
  | 'openai-responses'
  | 'openai-plain'
  | 'anthropic'
  | 'gemini'
  | 'ollama'
  | 'cohere'
  | 'generic';

/** Paths that are telling on any host, without a trailing slash. */
const onAnyHost: readonly (readonly [FormatName, RegExp])[] = [
  ['openai-chat', /(?<!\/(?:fim|agents))\/completions$/],
  ['openai-responses', /\/responses$/],
  [
    'openai-plain',
    /(?:(?<!\/api)\/embeddings|\/moderations|\/images\/generations|\/audio\/(?:speech|transcriptions|translations))$/,
  ],
  // Not `/threads/{id}/messages`, which is OpenAI's.
  ['anthropic', /\/v1\/messages$/],
  ['gemini', /(?::|%3a)(?:generateContent|streamGenerateContent|embedContent|batchEmbedContents)$/i],
];

/** Paths that apps use for routes of their own: at the provider's address, or where the app names the URL. */
const atAddress: readonly (readonly [FormatName, RegExp, (url: URL) => boolean])[] = [
  [
    'ollama',
    /\/api\/(?:chat|generate|embed|embeddings)$/,
    (url) => url.port === '11434' || url.hostname === 'ollama.com',
  ],
  ['cohere', /\/v2\/chat$/, (url) => /(?:^|\.)api\.cohere\.(?:com|ai)$/.test(url.hostname)],
];

/** Format of an LLM API that is known without the app's help, or `undefined`. Synchronous; a few regular expressions. */
export function knownFormat(url: URL): FormatName | undefined {
  const path = pathOf(url);
  return (
    onAnyHost.find(([, pattern]) => pattern.test(path))?.[0] ??
    atAddress.find(([, pattern, isThere]) => isThere(url) && pattern.test(path))?.[0]
  );
}

/** Format of a URL the app named itself: the family its path tells, else the generic rule. */
export function namedFormat(url: URL): FormatName {
  const path = pathOf(url);
  return [...onAnyHost, ...atAddress].find(([, pattern]) => pattern.test(path))?.[0] ?? 'generic';
}

function pathOf(url: URL): string {
  return url.pathname.replace(/\/$/, '');
}
