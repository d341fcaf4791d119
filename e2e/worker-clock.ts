import type { Page } from './asking.ts';

/** Put before the worker's script: pages can put its clock forward, so that no test waits. */
export const clock = `{
  const { now } = Date;
  let ahead = 0;
  new BroadcastChannel('clock').onmessage = ({ data }) => { ahead = data; };
  Date.now = () => now() + ahead;
}`;

/** Puts the clock of the worker that runs now so many milliseconds ahead of the true one. */
export async function putForward(page: Page, milliseconds: number): Promise<void> {
  await page.evaluate((ahead) => new BroadcastChannel('clock').postMessage(ahead), milliseconds);
}

/** Put before the worker's script: no second is a quiet one, so nothing is merged. */
export const neverQuiet = `{
  const { setTimeout } = self;
  self.setTimeout = (work, milliseconds) => setTimeout(work, milliseconds === 1000 ? 1_000_000 : milliseconds);
}`;
