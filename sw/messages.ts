import type { CallName, EntryFilter, FromWorker, ToWorker } from '../src/core/protocol/messages.ts';
import { extend } from './extend.ts';
import { createPageCalls, type PageCalls } from './page-calls.ts';
import type { Worker } from './worker.ts';

/** Answers messages: of clients inside the scope, and `take-over` of the worker that is being replaced. Others are ignored. */
export function listenToMessages(worker: Worker): void {
  const { scope, departures } = worker;
  const calls = createPageCalls(worker);
  offerToTestTools(worker, calls.exportCassette);
  scope.addEventListener('message', (event) => {
    const message = event.data as ToWorker | undefined;
    if (typeof message?.refrain !== 'string') return;
    // Other listeners of the app's worker, which come after ours, are spared what they cannot know.
    event.stopImmediatePropagation();
    if (message.refrain === 'take-over') {
      if (!worker.host && isOwnActiveWorker(scope, event.source)) void scope.skipWaiting();
      return;
    }
    if (message.refrain === 'beat' || !isClientInScope(scope, event.source)) return;
    if (message.refrain === 'abort') {
      departures.aborted(message.call);
      return;
    }
    if (message.refrain === 'hide') {
      if (message.kept && worker.isChromium) worker.aside.add(event.source.id);
      else worker.aside.delete(event.source.id);
      return;
    }
    const port = event.ports[0];
    if (!port || !Object.hasOwn(calls, message.refrain)) return;
    worker.engine.flights.catchUp();
    extend(event, respond(port, calls[message.refrain] as Handler, message.argument, event.source));
  });
}

/** What a test tool that runs code in this worker finds as `self.refrain`: answers on their way count as stored. */
function offerToTestTools({ scope, engine }: Worker, exportCassette: PageCalls['exportCassette']): void {
  const refrain = {
    async exportCassette(filter: EntryFilter = {}): Promise<string> {
      await engine.flights.whenIdle();
      return exportCassette(filter);
    },
  };
  Object.assign(scope, { refrain });
}

type Handler = (argument: unknown, client: Client) => Promise<unknown>;

async function respond(port: MessagePort, handle: Handler, argument: unknown, client: Client): Promise<void> {
  try {
    port.postMessage({ answer: await handle(argument, client) } as FromWorker<CallName>);
  } catch (error) {
    port.postMessage({ error: error instanceof Error ? error.message : String(error) } satisfies FromWorker<CallName>);
  }
}

/** Any page of the origin can post to a worker; only those it serves may ask it for anything. */
function isClientInScope(scope: ServiceWorkerGlobalScope, source: ExtendableMessageEvent['source']): source is Client {
  return source instanceof Client && source.url.startsWith(scope.registration.scope);
}

function isOwnActiveWorker(scope: ServiceWorkerGlobalScope, source: ExtendableMessageEvent['source']): boolean {
  return source instanceof ServiceWorker && source.scriptURL === scope.registration.active?.scriptURL;
}
