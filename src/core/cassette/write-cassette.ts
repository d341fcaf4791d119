import { cassetteVersion, type RecordedAnswer, type Recording } from './recording.ts';

/**
 * A cassette as text (docs/cassette.md): one block a question, streams as the lines they came in, binary as Base64. The
 * same recordings give the same bytes, in whatever order they are given. Never throws.
 */
export function writeCassette(recordings: readonly Recording[]): string {
  const blocks = [...recordings].sort(byPlace).map((recording) => blockOf(recording).join('\n'));
  return `${[`refrain cassette ${cassetteVersion}`, ...blocks].join('\n\n')}\n`;
}

/** By URL, model and key: what belongs together stands together, whoever recorded it first. */
function byPlace(a: Recording, b: Recording): number {
  return compare(a.url, b.url) || compare(a.model ?? '', b.model ?? '') || compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function blockOf({ method, url, key, format, model, modelVersion, tag, request, answers }: Recording): string[] {
  return [
    `${method} ${url}`,
    ...field('key', key),
    ...field('format', format),
    ...field('model', model),
    ...field('model-version', modelVersion),
    ...field('tag', tag),
    ...(request
      ? [
          ...field('shape', request.shape),
          ...request.headers.flatMap(([name, value]) => field('request-header', `${name}: ${value}`)),
          ...(request.body === undefined
            ? field('request-withheld', request.withheld)
            : ['  request:', ...piped(request.body.split('\n'))]),
        ]
      : []),
    ...answers.flatMap(answerLines),
  ];
}

function answerLines(answer: RecordedAnswer): string[] {
  const { statusText, storedAt, elapsed, servedBy, tokens, headers, arrivals, body } = answer;
  return [
    `  answer: 200${statusText ? ` ${statusText}` : ''}`,
    ...field('stored', new Date(storedAt).toISOString()),
    ...field('elapsed', String(elapsed)),
    ...field('served-by', servedBy),
    ...field('tokens', tokens && JSON.stringify(tokens)),
    ...headers.flatMap(([name, value]) => field('header', `${name}: ${value}`)),
    ...field('arrivals', arrivals && JSON.stringify(arrivals)),
    ...bodyLines(body),
  ];
}

/** A field whose text would not stay on its line is written as JSON. */
function field(name: string, value: string | undefined): string[] {
  if (value === undefined) return [];
  const isPlain = /^[^\s"](.*\S)?$/.test(value) && !/\p{Cc}/u.test(value);
  return [`  ${name}: ${isPlain ? value : JSON.stringify(value)}`];
}

function bodyLines(body: Uint8Array<ArrayBuffer>): string[] {
  const text = textOf(body);
  if (text === undefined)
    return [`  body: base64 ${body.byteLength}`, ...piped(base64Of(body).match(/.{1,76}/g) ?? [])];
  const ending = text.includes('\r') ? '\r\n' : '\n';
  const lines = text.split(ending);
  const isEnded = lines.length > 1 && lines.at(-1) === '';
  if (isEnded) lines.pop();
  return [`  body: text${ending === '\n' ? '' : ' crlf'}${isEnded ? '' : ' open'}`, ...piped(lines)];
}

function piped(lines: readonly string[]): string[] {
  return lines.map((line) => `  |${line}`);
}

/** The text that gives these bytes again, line by line; `undefined` where there is none. */
function textOf(body: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    const lines = text.includes('\r') ? text.split('\r\n') : text.split('\n');
    // Tabs apart, control characters make a file binary to version control.
    return lines.some((line) => /[^\P{Cc}\t]/u.test(line)) ? undefined : text;
  } catch {
    return undefined;
  }
}

function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
