import type { PlainRequest } from 'refrain/playwright';

/**
 * Leaves out what changes from day to day, and from machine to machine: the date in the system message, and the port of
 * the app's server. Runs in the service worker, so it can use nothing from outside itself.
 */
export function withoutDateAndPort(request: PlainRequest): PlainRequest {
  const { messages } = request.body as { messages: { content: string }[] };
  const [system] = messages;
  if (system) system.content = system.content.replace(/Today is [^.]*/, 'Today is some day');
  request.url = request.url.replace(/^http:\/\/localhost:\d+/, 'http://localhost');
  return request;
}
