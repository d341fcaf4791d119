/** Names of the wire formats; each is described in a file of that name. */
export type FormatName = (typeof names)[number] | 'ui-message' | 'generic';

/**
 * What an LLM API's URL looks like: its host and port, then its path. The page script has these patterns and not the names
 * below, which stand in the same order: it only needs to know whether the worker takes a call.
 */
const patterns: readonly RegExp[] = [
  // Not Mistral's agents, which live at the provider and change there. Writer has a path of its own.
  /(?<!\/agents)\/completions$|^api\.writer\.com\/v1\/chat$/,
  /\/responses$/,
  /((?<!\/api)\/embeddings|\/moderations|\/rerank|\/images\/(generations|edits)|\/audio\/(speech|transcriptions|translations))$/,
  // Not `/threads/{id}/messages`, which is OpenAI's.
  /\/v1\/messages$|\/anthropic\/.+awPredict$/,
  /:(generateContent|streamGenerateContent|embedContent|batchEmbedContents)$|\/google\/.+:predict$/,
  /\/model\/[^/]+\/(converse|invoke)(-stream|-with-response-stream)?$/,
  // Apps use these paths for routes of their own: they count at the provider's address, or where the app named the URL (`*`).
  /^([^/]+:11434|ollama\.com|\*)(\/.+)?\/api\/(chat|generate|embed|embeddings)$/,
  /^([^/]+:1234|\*)(\/.+)?\/api\/v1\/chat$/,
  /^([^/]*\bapi\.cohere\.(com|ai)|\*)(\/.+)?\/v2\/chat$/,
  /^([^/]*\bapi\.cohere\.(com|ai)|\*)(\/.+)?\/v1\/chat$/,
  /^([^/]*\bapi\.cohere\.(com|ai)|\*)(\/.+)?\/v[12]\/embed$/,
];

const names = [
  'openai-chat',
  'openai-responses',
  'openai-plain',
  'anthropic',
  'gemini',
  'bedrock',
  'ollama',
  'lm-studio',
  'cohere',
  'cohere-v1',
  'openai-plain',
] as const;

/** Is this the URL of an LLM API that is known without the app's help? Synchronous; a few regular expressions. */
export function isKnown(url: URL): boolean {
  return find(url.host, url) >= 0;
}

/** Format of such a URL, or `undefined`. */
export function knownFormat(url: URL): FormatName | undefined {
  return names[find(url.host, url)];
}

/** Format of a URL the app named itself: the family its path tells, else the generic rule. */
export function namedFormat(url: URL): FormatName {
  return names[find('*', url)] ?? 'generic';
}

function find(host: string, url: URL): number {
  const place = host + pathOf(url);
  return patterns.findIndex((pattern) => pattern.test(place));
}

/** Without a trailing slash. `%3A` and `:` both occur before Google's methods and in Bedrock's model names. */
export function pathOf(url: URL): string {
  return url.pathname.replace(/\/$/, '').replace(/%3a/gi, ':');
}
