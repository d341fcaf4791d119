import { countingText } from '../key/body.ts';
import type { Question } from '../request/question.ts';
import type { KeptRequest } from '../store/entry.ts';
import { secretIn, withoutCredentials } from './secrets.ts';

/** Request headers a recording holds. A list of what may: a header nobody knows could be a credential. */
const kept = /^(content-type|anthropic-(beta|version)|openai-beta)$/;
/** A body of more characters has its long texts named by their length alone: recordings are to be read and compared. */
const longBody = 60_000;
const longText = 2000;

/**
 * What a recording keeps of a request, so that it can be read, and compared when a call finds no answer: of the body what
 * counts in the key, indented. A body that holds a credential by the name of one of its members is withheld as a whole.
 * Costs parsing the body. Never throws.
 */
export async function keptRequest(question: Question): Promise<KeptRequest> {
  const { counted, read } = question;
  return {
    url: withoutCredentials(counted.url),
    shape: read.shape,
    headers: [...counted.headers].filter(([name]) => kept.test(name)),
    ...(await bodyOf(question)),
  };
}

async function bodyOf({ call, counted, format, page }: Question): Promise<Pick<KeptRequest, 'body' | 'withheld'>> {
  const contentType = counted.headers.get('content-type') ?? '';
  const ignore = call.match.named ? page.ignore : [];
  try {
    const json: unknown = JSON.parse(await countingText(counted.body, contentType, format, ignore));
    const secret = secretIn(json);
    if (secret) return { withheld: `${secret} holds a credential` };
    const text = JSON.stringify(json, null, 2);
    if (text.length <= longBody) return { body: text };
    const shorter = JSON.stringify(json, (_name, value) => abbreviated(value), 2);
    return shorter.length <= longBody ? { body: shorter } : { withheld: `it has ${text.length} characters` };
  } catch {
    return { withheld: 'it is neither JSON nor a form' };
  }
}

function abbreviated(value: unknown): unknown {
  return typeof value === 'string' && value.length > longText
    ? `${value.slice(0, 100)}… (${value.length} characters)`
    : value;
}
