// The service worker of following.mjs: the product's own reading and converting of answers, timed one task at a time.

import { convert } from '../src/core/formats/conversions/index.ts';
import { follow } from '../src/core/formats/follow.ts';
import { formats } from '../src/core/formats/index.ts';

/** Answers had so far, by their path: what is known of each, and its bytes in pieces. */
const known = new Map();

addEventListener('install', () => skipWaiting());
addEventListener('message', (event) => {
  const { task, path, how } = event.data;
  const [port] = event.ports;
  const done = tasks[task](path, how).then(
    (seen) => port.postMessage({ seen }),
    (error) => port.postMessage({ error: String(error?.stack ?? error) }),
  );
  event.waitUntil(done);
});

const tasks = {
  /** Reads an answer and keeps its bytes, as a flight does. */
  read: (path, source) => timed(path, source, () => undefined),
  /** The same, with a follower that reads along. */
  follow: (path, source) =>
    timed(path, source, ({ format, url, type }) => follow(formats[format], new URL(url), type, null)),
  /** Reads an entry's body from where it is kept. */
  async text(path) {
    const { blob } = await answerAt(path);
    const start = performance.now();
    const text = await blob.text();
    return { ms: performance.now() - start, bytes: text.length };
  },
  /** The same, and makes the body of another shape of it. */
  async convert(path, shape) {
    const { blob, format, type, url } = await answerAt(path);
    const start = performance.now();
    const delivered = convert(format, { text: await blob.text(), contentType: type }, shape);
    const made = delivered && new Blob([delivered.text]);
    const ms = performance.now() - start;
    if (!made) throw new Error('it is not converted');
    const follower = follow(formats[format], new URL(url), delivered.contentType, null);
    const bytes = new TextEncoder().encode(delivered.text);
    follower.push(bytes);
    return { ms, bytes: made.size, verdict: follower.end(() => bytes) };
  },
};

async function timed(path, source, followerFor) {
  const answer = await answerAt(path);
  const follower = followerFor(answer);
  const start = performance.now();
  const body = source === 'server' ? (await fetch(path)).body : streamOf(answer.pieces);
  const reader = body.getReader();
  const chunks = [];
  let proven = false;
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.byteLength;
    follower?.push(value);
    if (follower && !proven) proven = follower.soFar().complete;
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  const verdict = follower?.end(() => whole);
  return { ms: performance.now() - start, bytes: size, chunks: chunks.length, verdict };
}

/** Bytes in memory as a stream that gives a piece for each pull and never waits. */
function streamOf(pieces) {
  let next = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (next === pieces.length) controller.close();
        else controller.enqueue(pieces[next++]);
      },
    },
    { highWaterMark: 0 },
  );
}

async function answerAt(path) {
  if (!known.has(path)) {
    const [about, bytes] = await Promise.all([
      fetch(`${path}/about`).then((response) => response.json()),
      fetch(path).then((response) => response.arrayBuffer()),
    ]);
    let at = 0;
    const pieces = about.lengths.map((length) => {
      at += length;
      return new Uint8Array(bytes, at - length, length);
    });
    known.set(path, { ...about, pieces, blob: new Blob([bytes]) });
  }
  return known.get(path);
}
