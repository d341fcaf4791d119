// What a page's other requests cost beside Refrain: pictures and scripts that are none of its business. Once as they load
// with a page, the tag included, after the worker was stopped; once in an open page whose worker is stopped.

import { none, refrainMiss } from '../contenders/index.mjs';
import { figuresOf, ratioOf } from '../figures.mjs';
import { pathsOfParts, SUB_RESOURCES } from './site.mjs';
import { interleaved, onStage, say } from './stage.mjs';

const WARM_UP = 3;

/** Milliseconds from the start of a navigation to the end of its load event. */
const navigation = `(async () => {
  const [{ loadEventEnd, startTime }] = performance.getEntriesByType('navigation');
  return loadEventEnd - startTime;
})()`;

/** Milliseconds until all of them have loaded into a page that is open. */
const insertion = `(async () => {
  const start = performance.now();
  const elements = ${JSON.stringify(pathsOfParts())}.map((path) => {
    // Of an address that it has shown the page needs no other look.
    const src = path + '?' + start;
    const element = Object.assign(document.createElement(path.endsWith('.js') ? 'script' : 'img'), { src });
    const loaded = new Promise((resolve, reject) => { element.onload = resolve; element.onerror = reject; });
    document.body.append(element);
    return loaded.then(() => element);
  });
  const loaded = await Promise.all(elements);
  const ms = performance.now() - start;
  for (const element of loaded) element.remove();
  return ms;
})()`;

export async function measureParts({ rounds }) {
  const refrain = { ...refrainMiss, name: 'refrain', title: 'with Refrain' };
  const hosts = Object.fromEntries([none, refrain].map((contender) => [contender.name, { contender, asked: [] }]));
  const names = Object.keys(hosts);
  const started = { page: 0, open: 0 };
  return onStage(hosts, async ({ pages, site }) => {
    say(`parts: ${rounds.parts} rounds of a page with ${SUB_RESOURCES} parts`);
    const page = await interleaved(names, WARM_UP, rounds.parts, async (name, round) => {
      await pages.get('refrain').stopWorkers();
      const watch = round < WARM_UP || name === 'none' ? undefined : await pages.get(name).watchWorkers();
      await pages.get(name).go(`${site.url(name)}parts`);
      const ms = await pages.get(name).run(navigation);
      if ((await watch?.end()) > 0) started.page++;
      return ms;
    });
    say(`parts: ${rounds.parts} rounds of ${SUB_RESOURCES} parts added to an open page`);
    for (const name of names) {
      await pages.get(name).go(site.url(name));
      await pages.get(name).run(hosts[name].contender.ready);
    }
    const open = await interleaved(names, WARM_UP, rounds.parts, async (name) => {
      await pages.get('refrain').stopWorkers();
      const watch = await pages.get(name).watchWorkers();
      const ms = await pages.get(name).run(insertion);
      if ((await watch.end()) > 0 && name === 'refrain') started.open++;
      return ms;
    });
    return { count: SUB_RESOURCES, started, rounds: rounds.parts, page: compared(page), open: compared(open) };
  });
}

function compared({ none: without, refrain }) {
  return {
    without: figuresOf(without),
    refrain: figuresOf(refrain),
    ratioOfP50: ratioOf(refrain, without, 0.5),
    ratioOfP95: ratioOf(refrain, without, 0.95),
    samples: { none: without, refrain },
  };
}
