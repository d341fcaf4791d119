import type { Framing, Note } from './framing.ts';

/** Total length, length of the headers, checksum of these two. */
const preludeBytes = 12;
/** A frame without headers and payload. */
const leastBytes = 16;
/** Larger than any frame the encoding allows: 16 MB of payload and 128 kB of headers. */
const mostBytes = 17_000_000;

/**
 * Amazon's binary event stream: frames of `total length | headers' length | CRC-32 of both | headers | payload | CRC-32 of
 * all before`. Both checksums are compared, so a damaged frame is never read.
 * https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
 */
export function amazonEventStream(note: Note): Framing {
  let buffer = new Uint8Array(4096);
  let used = 0;
  /** After a damaged frame nobody knows where the next begins. */
  let lost = false;
  return {
    feed(bytes) {
      if (lost) return;
      if (used + bytes.length > buffer.length) {
        const larger = new Uint8Array(2 * (used + bytes.length));
        larger.set(buffer);
        buffer = larger;
      }
      buffer.set(bytes, used);
      used += bytes.length;
      let at = 0;
      lost = true;
      for (;;) {
        const frame = firstFrame(buffer.subarray(at, used));
        if (!frame) break;
        readFrame(frame, note);
        at += frame.length;
      }
      lost = false;
      buffer.copyWithin(0, at, used);
      used -= at;
    },
    atBoundary: () => used === 0,
    close() {
      if (used > 0) note.cut();
    },
  };
}

/** The frame that the bytes begin with, when all of it is there. Throws when it is damaged. */
function firstFrame(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < preludeBytes) return undefined;
  const total = numberAt(bytes, 0);
  if (crc32(bytes.subarray(0, 8)) !== numberAt(bytes, 8) || total < leastBytes || total > mostBytes)
    throw new Error('damaged prelude');
  if (bytes.length < total) return undefined;
  const body = total - 4;
  if (crc32(bytes.subarray(0, body)) !== numberAt(bytes, body)) throw new Error('damaged frame');
  return bytes.subarray(0, total);
}

function readFrame(frame: Uint8Array, note: Note): void {
  const payload = preludeBytes + numberAt(frame, 4);
  const headers = readHeaders(frame.subarray(preludeBytes, payload));
  const kind = headers[':message-type'];
  const name = headers[':event-type'] ?? headers[':exception-type'] ?? headers[':error-code'];
  if (kind !== 'event') note.fault(`${kind}: ${name}`);
  else if (payload < frame.length - 4) note.event(text(frame.subarray(payload, frame.length - 4)), name);
}

/** Headers of type 7 (text), which are all that Bedrock sends: `length of the name, name, 7, length of the value, value`. */
function readHeaders(bytes: Uint8Array): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < bytes.length; ) {
    const type = at + 1 + (bytes[at] as number);
    if (bytes[type] !== 7) throw new Error(`header of type ${bytes[type]}`);
    const value = type + 3;
    const end = value + ((bytes[type + 1] as number) << 8) + (bytes[type + 2] as number);
    headers[text(bytes.subarray(at + 1, type))] = text(bytes.subarray(value, end));
    at = end;
  }
  return headers;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function numberAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}

let table: Uint32Array | undefined;

/** CRC-32 of IEEE 802.3, as in gzip. */
export function crc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 255] as number);
  return ~crc >>> 0;
}
