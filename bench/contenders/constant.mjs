import { answers } from '../side-by-side/works.mjs';
import { registration, takeControl } from './registration.mjs';

/** How the body is handed to the browser. Which is fastest depends on its length; that one is the floor of any worker. */
const bodies = {
  bytes: ['as a typed array', 'bytes'],
  blob: ['as a Blob', 'new Blob([bytes])'],
  stream: [
    'as a byte stream',
    'new ReadableStream({ start(controller) { controller.enqueue(bytes); controller.close(); } })',
  ],
};

const answersAtOnce = {
  reaches: (reached) => reached === 0,
  is: ({ byWorker, replies }) => byWorker && replies.every(({ start }) => start !== null),
};

/** A worker that looks at nothing and has the answer in memory. */
export const constants = Object.entries(bodies).map(([form, [title, body]]) => ({
  name: `constant-${form}`,
  title: `constant, ${title}`,
  head: registration,
  files: async (asked) => ({ '/worker.js': workerOf(asked, body) }),
  ready: 'controlled',
  repeated: answersAtOnce,
  'never-seen': answersAtOnce,
  identical: answersAtOnce,
}));

export const isConstant = ({ name }) => name.startsWith('constant-');

function workerOf(asked, body) {
  const texts = Object.fromEntries(asked.map((name) => [name, [answers[name].type, answers[name].body.toString()]]));
  const isMadeOnce = body.startsWith('new Blob');
  return `${takeControl}
    const kept = new Map();
    for (const [name, [type, text]] of Object.entries(${JSON.stringify(texts)})) {
      const bytes = new TextEncoder().encode(text);
      ${isMadeOnce ? `const body = ${body}; const make = () => body;` : `const make = () => ${body};`}
      kept.set(name, { make, type });
    }
    const start = crypto.randomUUID();
    addEventListener('fetch', (event) => {
      if (event.request.method !== 'POST') return;
      const { make, type } = kept.get(new URL(event.request.url).pathname.split('/')[1]);
      event.respondWith(new Response(make(), { headers: { 'content-type': type, 'x-start': start } }));
    });`;
}
