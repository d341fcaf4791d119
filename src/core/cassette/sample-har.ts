import { wholeStreams } from '../formats/sample-answers.ts';

/** HAR files written by hand, for the tests. */

export const chatUrl = 'https://api.example/v1/chat/completions';

export interface HarSample {
  method?: string;
  url?: string;
  asked?: string | object;
  headers?: Record<string, string>;
  postData?: object | null;
  bodySize?: number;
  startedDateTime?: string;
  time?: number;
  status?: number;
  statusText?: string;
  content?: object;
  /** Bytes of the answer on the wire. */
  sent?: number;
  responseHeaders?: Record<string, string>;
}

export const chatStream = wholeStreams['openai-chat']?.text ?? '';
export const chatQuestion = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: true };

/** An entry as a browser's developer tools write it. */
export function harEntry(sample: HarSample = {}): object {
  const { method = 'POST', url = chatUrl, asked = chatQuestion, headers, responseHeaders, status = 200 } = sample;
  const text = typeof asked === 'string' ? asked : JSON.stringify(asked);
  const pairs = (from: Record<string, string>) => Object.entries(from).map(([name, value]) => ({ name, value }));
  return {
    startedDateTime: sample.startedDateTime ?? '2025-11-22T16:00:00.000Z',
    time: sample.time ?? 1840.4,
    request: {
      ...{ method, url, httpVersion: 'h2', cookies: [], queryString: [], headersSize: -1 },
      bodySize: sample.bodySize ?? -1,
      headers: pairs({ ...browsers, ...headers }),
      ...(sample.postData === null ? {} : { postData: sample.postData ?? { mimeType: 'application/json', text } }),
    },
    response: {
      ...{
        status,
        statusText: sample.statusText ?? '',
        httpVersion: 'h2',
        cookies: [],
        redirectURL: '',
        headersSize: -1,
      },
      headers: pairs({ 'content-type': 'text/event-stream; charset=utf-8', 'set-cookie': 'a=b', ...responseHeaders }),
      bodySize: sample.sent ?? -1,
      content: sample.content ?? { size: -1, mimeType: 'text/event-stream', text: chatStream },
    },
    cache: {},
    timings: { send: 0, wait: 1, receive: 1 },
  };
}

/** What Chrome adds to a request of a page. */
const browsers = {
  ':authority': 'api.example',
  ':method': 'POST',
  ':path': '/v1/chat/completions',
  ':scheme': 'https',
  accept: '*/*',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'en-GB,en;q=0.9',
  'cache-control': 'no-cache',
  'content-length': '81',
  'content-type': 'application/json',
  origin: 'https://app.example',
  pragma: 'no-cache',
  priority: 'u=1, i',
  referer: 'https://app.example/',
  'sec-ch-ua': '"Chromium";v="142"',
  'sec-fetch-mode': 'cors',
  'user-agent': 'Mozilla/5.0',
};

export function har(...entries: object[]): string {
  return JSON.stringify({ log: { version: '1.2', creator: { name: 'WebInspector', version: '537.36' }, entries } });
}
