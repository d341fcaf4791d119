// One browser and one site for one part of the run: pages by host name, and calls that are checked.

import { startChromium } from '../chromium.mjs';
import { mulberry, shuffled } from '../figures.mjs';
import { startSite } from './site.mjs';
import { requests } from './works.mjs';

/** Runs `work` with pages open for `hosts` (name → contender and the answers asked for), and cleans up. */
export async function onStage(hosts, work) {
  const site = await startSite(hosts);
  const browser = await startChromium();
  try {
    const pages = new Map();
    for (const [name, { contender }] of Object.entries(hosts)) {
      const page = await browser.open(site.url(name));
      await page.run(contender.ready);
      pages.set(name, page);
    }
    return await work({ site, browser, pages, ask: (name, call) => askChecked(name, call) });

    /**
     * Asks and resolves with the times, once it is certain that `kind` of this host's contender holds: an answer that comes
     * from somewhere else must not be counted.
     */
    async function askChecked(name, { kind, answer, request, numbers, extra }) {
      const { contender } = hosts[name];
      const how = contender[kind];
      const page = pages.get(name);
      if (how.before) await page.run(how.before);
      const calls = site.calls(name);
      const seen = await call(page, contender, { answer, request, numbers, isRead: kind !== 'repeated' });
      const reached = site.calls(name) - calls;
      const isRight = seen.replies.every(({ status, isWhole }) => status === 200 && isWhole);
      if (!isRight || !how.reaches(reached, numbers.length) || !how.is(seen) || (extra && !extra(seen)))
        throw new Error(
          `Cannot count this as "${contender.title}", ${kind}, ${request} and ${answer}: ${reached} calls of ${numbers.length} reached upstream, the page saw ${JSON.stringify({ ...seen, replies: seen.replies.slice(0, 3) })}`,
        );
      if (how.after) await page.run(how.after);
      return { toFirst: seen.toFirst, toEnd: seen.toEnd, reached };
    }
  } finally {
    await browser.close();
    await site.close();
  }
}

/** Asks without looking at who answered. */
export function call(page, { inPage = false }, { answer, request, numbers, isRead = false }) {
  return page.run(`ask(${JSON.stringify({ answer, bytes: requests[request], numbers, isRead, inPage })})`);
}

/** Has every name measured once a round, in another order each time; the first rounds do not count. */
export async function interleaved(names, warmUp, rounds, measure) {
  const random = mulberry(1);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++)
    for (const name of shuffled(names, random)) {
      const sample = await measure(name, round + warmUp);
      if (round >= 0) samples[name].push(sample);
    }
  return samples;
}

/** One list for each time that was taken. */
export function byTime(samples) {
  return {
    toFirst: samples.map(({ toFirst }) => toFirst),
    toEnd: samples.map(({ toEnd }) => toEnd),
  };
}

export function say(text) {
  console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
}
