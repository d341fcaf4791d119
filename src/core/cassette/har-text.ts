/** A body in a HAR file. */
export interface HarText {
  readonly text?: string;
  readonly mimeType?: string;
  readonly encoding?: string;
  /** Bytes. */
  readonly size?: number;
}

/** Bytes that decoding leaves out. */
const byteOrderMark = 3;

/**
 * The bytes, or what is wrong with them. LLM APIs speak UTF-8, but browsers show their tools a stream that names no charset
 * decoded as windows-1252, which makes a character of each byte, and count the bytes of what became of it.
 * @param size -1 or 0 where nobody knows
 * @param isGuessed the charset was, and the size may be of the bytes as they were compressed
 */
export function bytesOf(
  { text = '', encoding }: HarText,
  size: number,
  isGuessed = false,
): Uint8Array<ArrayBuffer> | string {
  if (encoding === 'base64') return fromBase64(text);
  if (encoding) return `its encoding is "${encoding}", base64 or none is needed`;
  const bytes = new TextEncoder().encode(text);
  if (bytes.byteLength === size) return bytes;
  const single = singleBytes(text);
  if (single && (isGuessed || size <= 0 || single.byteLength === size)) return single;
  const isDamaged = size > 0 && !isGuessed && (bytes.byteLength + byteOrderMark < size || text.includes('\ufffd'));
  return isDamaged ? `its text has ${bytes.byteLength} bytes, ${size} were sent` : bytes;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | string {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return 'its text is no Base64';
  }
}

/**
 * What windows-1252 has from 128 to 159; Node's decoder of that name takes it for Latin-1 up to version 23.
 * https://encoding.spec.whatwg.org/index-windows-1252.txt
 */
const from128 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** A text of such characters alone as bytes, where those are UTF-8 and say something else than the text. */
function singleBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (/^[\0-\x7f]*$/.test(text)) return undefined;
  const bytes = Array.from(text, (character) => {
    const at = from128.indexOf(character);
    return at < 0 ? character.charCodeAt(0) : 128 + at;
  });
  if (bytes.some((byte) => byte > 255)) return undefined;
  const single = Uint8Array.from(bytes);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(single);
    return single;
  } catch {
    return undefined;
  }
}
