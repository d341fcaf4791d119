import type { RecordedAnswer } from '../../core/cassette/recording.ts';
import { convert } from '../../core/formats/conversions/index.ts';
import type { FormatName } from '../../core/formats/paths.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** An answer as a person reads it: the text a stream or a body says, else the body; of binary how long it is. */
export function answerText(format: string, { headers, body }: RecordedAnswer): string {
  let text: string;
  try {
    text = decoder.decode(body);
  } catch {
    return `(${body.byteLength} bytes)`;
  }
  const contentType = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const json = contentType.includes('json') && !contentType.includes('ndjson');
  const whole = json ? text : convert(format as FormatName, { text, contentType }, 'json')?.text;
  return (whole && said(whole)) || text;
}

/** Members that hold what a model says, in every format's JSON body. */
const saying = new Set(['content', 'text', 'output_text', 'response', 'refusal']);

function said(json: string): string {
  const found: string[] = [];
  const walk = (value: unknown, name: string): void => {
    if (typeof value === 'string') {
      if (saying.has(name) && value) found.push(value);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    if ('arguments' in value && 'name' in value) found.push(`${value.name}(${JSON.stringify(value.arguments)})`);
    for (const [member, inner] of Object.entries(value)) walk(inner, Array.isArray(value) ? name : member);
  };
  try {
    walk(JSON.parse(json), '');
  } catch {
    return '';
  }
  return found.join('\n');
}
