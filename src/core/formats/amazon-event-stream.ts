import type { Framing, Note } from './framing.ts';

/** Total length, length of the headers, checksum of these two. */
const preludeBytes = 12;
/** Larger than any frame the encoding allows: 16 MB of payload and 128 kB of headers. */
const mostBytes = 17_000_000;

/**
 * Amazon's binary event stream: frames of `total length | headers' length | CRC-32 of both | headers | payload | CRC-32 of
 * all before`. Both checksums are compared: a damaged frame throws, and nothing after it can prove anything any more.
 * https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
 */
export function amazonEventStream(note: Note): Framing {
  let pieces: Uint8Array[] = [];
  let size = 0;
  /** Bytes that are needed to read on. */
  let wanted = preludeBytes;
  return {
    feed(bytes) {
      pieces.push(bytes);
      size += bytes.length;
      // A large frame in many pieces is put together once.
      if (size < wanted) return;
      let rest = pieces.length > 1 ? joined(pieces, size) : bytes;
      wanted = preludeBytes;
      while (rest.length >= preludeBytes) {
        const view = new DataView(rest.buffer, rest.byteOffset);
        const total = view.getUint32(0);
        const end = total - 4;
        if (crc32(rest.subarray(0, 8)) !== view.getUint32(8) || end < preludeBytes || end > mostBytes)
          throw new Error('damaged frame');
        if (rest.length < total) {
          wanted = total;
          break;
        }
        if (crc32(rest.subarray(0, end)) !== view.getUint32(end)) throw new Error('damaged frame');
        const payload = preludeBytes + view.getUint32(4);
        readFrame(rest.subarray(preludeBytes, payload), rest.subarray(payload, end), note);
        rest = rest.subarray(total);
      }
      pieces = [rest];
      size = rest.length;
    },
    atBoundary: () => size === 0,
    close() {
      if (size > 0) note.cut();
    },
  };
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function readFrame(headers: Uint8Array, payload: Uint8Array, note: Note): void {
  const text = bytewise.decode(headers);
  /** A header's value: after its name come the type 7 (text) and the value's length in two bytes. */
  const header = (name: string) => {
    const at = text.indexOf(`${name}\x07`) + name.length + 3;
    return text.slice(at, at + (headers[at - 1] as number));
  };
  const kind = header(':message-type');
  if (kind !== 'event') note.fault(`${kind} ${header(':exception-type')}`);
  else if (payload.length > 0) note.event(utf8.decode(payload), header(':event-type'));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
/** A character for each byte, though not always the byte's own: lengths are read from the bytes. */
const bytewise = new TextDecoder('latin1');

let table: Uint32Array | undefined;

/** CRC-32 of IEEE 802.3, as in gzip. */
export function crc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
  let crc = -1;
  // An index costs a third of an iterator here.
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] as number)) & 255] as number);
  return ~crc >>> 0;
}
