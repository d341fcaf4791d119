// How a page gets a worker that has no page script of its own.

/** For a worker's script: it takes control at once, and again when a page that came too early asks. */
export const takeControl = `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('message', (event) => event.waitUntil(clients.claim()));
`;

/** For a page's head: `controlled` is the promise of its control, `tell(task)` has the worker do something. */
export const registration = `<script>
  const container = navigator.serviceWorker;
  const controlled = (async () => {
    await container.register('/worker.js');
    const { active } = await container.ready;
    if (container.controller) return;
    const changed = new Promise((resolve) => container.addEventListener('controllerchange', resolve, { once: true }));
    // A page that was still loading when the worker claimed its clients is not among them.
    active.postMessage({ task: 'claim' });
    await changed;
  })();

  async function tell(task) {
    const { active } = await container.ready;
    const { port1, port2 } = new MessageChannel();
    const done = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
    active.postMessage({ task }, [port2]);
    const { error } = await done;
    port1.close();
    if (error) throw new Error(task + ': ' + error);
  }
</script>`;
