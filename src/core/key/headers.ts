/**
 * Request headers by what they mean for the key. Every header counts, except those named here; an unknown one counts.
 * Names in lower case, as `Headers` gives them.
 */

/** Differ from attempt to attempt of one question. */
const perAttempt =
  /^(x-stainless-.*|amz-sdk-(invocation-id|request)|x-amz-(date|content-sha256)|x-amzn-trace-id|x-((ms-)?client-)?request-id|idempotency-key|traceparent|tracestate|baggage|sentry-trace|x-server-timeout)$/;

/** Differ from client to client, whatever is asked. */
const perClient =
  /^(user-agent|x-goog-api-client|x-fern-.*|x-client-name|http-referer|x-title|x-openrouter-title|accept|accept-language|origin|referer|sec-.*|anthropic-dangerous-direct-browser-access)$/;

/** Say how to deliver or whether to store; they are obeyed, not keyed. */
const control = /^(cache-control|pragma|x-refrain|x-openrouter-cache.*|content-length)$/;

/** Who asks. They are the partition. */
const credentials =
  /^(authorization|x-api-key|api-key|x-goog-api-key|ocp-apim-subscription-key|x-amz-security-token|proxy-authorization|cookie)$/;
const organisations =
  /^(openai-(organization|project)|anthropic-(workspace|user-profile)-id|x-goog-user-project|x-hf-bill-to)$/;

/** Query parameters that carry a credential. */
const credentialParameters = /^(key|access_token|api_key|x-amz-(signature|credential|date|security-token))$/i;

export type HeaderRole = 'key' | 'credential' | 'organisation' | 'left-out';

export function roleOfHeader(name: string): HeaderRole {
  if (credentials.test(name)) return 'credential';
  if (organisations.test(name)) return 'organisation';
  return perAttempt.test(name) || perClient.test(name) || control.test(name) ? 'left-out' : 'key';
}

export function isCredentialParameter(name: string): boolean {
  return credentialParameters.test(name);
}

/**
 * Response headers that may be stored, the last being how the AI SDK's own clients know its stream. A list of what may,
 * because a refreshed session token must not reach the disk.
 */
const storable = /^(content-(type|language)|openai-(version|model)|x-generation-id|x-vercel-ai-ui-message-stream)$/;

/** The headers of a response that a stored entry keeps, in upstream's order. */
export function storableHeaders(headers: Headers): [string, string][] {
  return [...headers].filter(([name]) => storable.test(name));
}
