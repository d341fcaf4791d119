import { RefrainError } from '../core/error.ts';
import type { CallName, Calls, FromWorker, ToWorker } from '../core/protocol/messages.ts';

/**
 * Asks a worker one thing, over a port of its own. Rejects with `no-answer` after the patience is over (a worker of another
 * project does not know the message), and with what the worker says when it cannot.
 * @param patience milliseconds; `undefined` waits without end, for work that may take long
 */
export function askWorker<K extends CallName>(
  worker: ServiceWorker,
  name: K,
  argument: Calls[K]['argument'],
  patience?: number,
): Promise<Calls[K]['answer']> {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    const timer =
      patience === undefined
        ? undefined
        : setTimeout(() => {
            port1.close();
            reject(
              new RefrainError(
                'no-answer',
                `Cannot ask ${worker.scriptURL} for "${name}": no answer came in ${patience} ms, Refrain is needed there`,
              ),
            );
          }, patience);
    port1.onmessage = ({ data }: MessageEvent<FromWorker<K>>) => {
      clearTimeout(timer);
      port1.close();
      if ('error' in data) reject(new Error(data.error));
      else resolve(data.answer);
    };
    worker.postMessage({ refrain: name, argument } as ToWorker, [port2]);
  });
}
