import type { Page } from './asking.ts';

/** Put before the worker's script: pages can put its clock forward, so that no test waits. */
export const clock = `{
  const { now } = Date;
  let ahead = 0;
  const channel = new BroadcastChannel('clock');
  channel.onmessage = ({ data }) => { ahead = data; channel.postMessage('put forward'); };
  Date.now = () => now() + ahead;
}`;

/** Puts the clock of the worker that runs now so many milliseconds ahead of the true one; resolves when it is. */
export function putForward(page: Page, milliseconds: number): Promise<void> {
  return page.evaluate(
    (ahead) =>
      new Promise<void>((resolve) => {
        const channel = new BroadcastChannel('clock');
        channel.onmessage = () => {
          channel.close();
          resolve();
        };
        channel.postMessage(ahead);
      }),
    milliseconds,
  );
}

/** Put before the worker's script: no second is a quiet one, so nothing is merged. */
export const neverQuiet = `{
  const { setTimeout } = self;
  self.setTimeout = (work, milliseconds) => setTimeout(work, milliseconds === 1000 ? 1_000_000 : milliseconds);
}`;
