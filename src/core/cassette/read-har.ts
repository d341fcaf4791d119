import type { Exchange, ExchangeRecorder, Recorded } from './exchange.ts';
import { bytesOf, type HarText } from './har-text.ts';

/** One entry of a HAR 1.2 file, as far as it is read here. http://www.softwareishard.com/blog/har-12-spec/ */
interface HarEntry {
  readonly startedDateTime?: string;
  /** Milliseconds. */
  readonly time?: number;
  readonly request?: {
    readonly method?: string;
    readonly url?: string;
    readonly headers?: readonly Named[];
    readonly postData?: HarText;
    /** Bytes; -1 where nobody knows. */
    readonly bodySize?: number;
  };
  readonly response?: {
    readonly status?: number;
    readonly statusText?: string;
    readonly headers?: readonly Named[];
    readonly content?: HarText;
    /** Bytes on the wire; -1 where nobody knows. */
    readonly bodySize?: number;
  };
}

interface Named {
  readonly name: string;
  readonly value: string;
}

/** A call of an LLM API in a HAR file. */
export interface HarCall {
  /** Place in `log.entries`, counted from 1. */
  readonly entry: number;
  readonly url: URL;
  /** What a page sent, where the file has it. */
  readonly asked: Pick<Exchange, 'url' | 'headers' | 'body'> | string;
  /** What came back, or in words why it is of no use. */
  readonly answer: Exchange['answer'] | string;
}

/**
 * The calls that Refrain would take, in the order of the file.
 * @throws Error where the text is no HAR file, in words that say what is needed
 */
export function readHar(text: string, takes: ExchangeRecorder['takes']): HarCall[] {
  return entriesOf(text).flatMap((entry, at) => {
    const { method = '', url = '' } = entry.request ?? {};
    if (!URL.canParse(url) || !takes(method, new URL(url))) return [];
    try {
      return [{ entry: at + 1, url: new URL(url), asked: askedOf(entry), answer: answerOf(entry) }];
    } catch (error) {
      const why = `its entry is damaged (${error})`;
      return [{ entry: at + 1, url: new URL(url), asked: why, answer: why }];
    }
  });
}

/** The recording of such a call, or in words why there is none. */
export async function recordHarCall(recorder: ExchangeRecorder, call: HarCall): Promise<Recorded | string> {
  const { asked, answer } = call;
  if (typeof asked === 'string') return asked;
  return typeof answer === 'string' ? answer : recorder.record({ ...asked, answer });
}

function entriesOf(text: string): readonly HarEntry[] {
  let json: { log?: { entries?: unknown } } | null;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new Error(`it is no JSON (${(error as Error).message}), a HAR file is needed`);
  }
  const entries = json?.log?.entries;
  if (!Array.isArray(entries)) throw new Error('it has no "log.entries", a HAR 1.2 file is needed');
  return entries.filter((entry) => typeof entry === 'object' && entry !== null);
}

function askedOf({ request }: HarEntry): HarCall['asked'] {
  const { headers = [], postData, bodySize = -1, url = '' } = request ?? {};
  const type = postData?.mimeType ?? '';
  if (/^multipart\//i.test(type)) return 'its body is a form, whose files a HAR does not keep as they were';
  if (postData?.text === undefined) return 'the HAR does not have what was sent';
  const body = bytesOf(postData, bodySize);
  const seen = headersOf(headers);
  if (!seen.has('content-type') && type) seen.set('content-type', type);
  return typeof body === 'string' ? `what was sent: ${body}` : { url: new URL(url), headers: seen, body };
}

function answerOf({ startedDateTime = '', time = 0, response }: HarEntry): HarCall['answer'] {
  const { status = 0, statusText = '', headers = [], content, bodySize = -1 } = response ?? {};
  if (status !== 200) return `its status is ${status}`;
  if (content?.text === undefined)
    return 'the HAR does not have its answer, as happens with streams: another export is needed';
  const seen = headersOf(headers);
  if (!seen.has('content-type') && content.mimeType) seen.set('content-type', content.mimeType);
  const isGuessed = !/charset|json/i.test(seen.get('content-type') ?? '');
  const body = bytesOf(content, isGuessed ? bodySize : (content.size ?? -1), isGuessed);
  if (typeof body === 'string') return body;
  const begun = Date.parse(startedDateTime);
  const elapsed = Number.isFinite(time) ? Math.max(0, Math.round(time)) : 0;
  if (Number.isNaN(begun)) return `its time is "${startedDateTime}"`;
  if (Number.isNaN(new Date(begun + elapsed).getTime())) return `it took ${time} ms`;
  // Line ends would break the file's lines.
  return {
    storedAt: begun + elapsed,
    elapsed,
    statusText: statusText.replace(/[^\t -~\xa0-\xff]/g, ''),
    headers: seen,
    body,
  };
}

/** Without what is no header to the platform, such as HTTP/2's `:path`. */
function headersOf(headers: readonly Named[]): Headers {
  const seen = new Headers();
  for (const { name, value } of headers) {
    try {
      seen.append(name, value);
    } catch {}
  }
  return seen;
}
