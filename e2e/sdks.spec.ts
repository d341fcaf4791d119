import type { Page } from '@playwright/test';
import { flush } from './refrain-in-page.ts';
import { askThroughSdk, callsFrom, originOf, putSdksInto, test } from './sdks.ts';
import { expect } from './site.ts';

const sdks = [
  'openai, chat',
  'openai, responses',
  '@anthropic-ai/sdk',
  '@google/genai',
  'ollama',
  'ai with @ai-sdk/openai',
] as const;

for (const sdk of sdks) {
  for (const stream of [false, true]) {
    test(`${sdk} gets the same ${stream ? 'stream' : 'answer'} from upstream, memory and OPFS, across a worker stop and a browser restart`, async ({
      site,
      visitor,
      provider,
    }) => {
      let answers = 0;
      // Another answer to every call: an equal answer can only be the same one.
      provider.on({ model: /./ }, () => ({ content: `Grüße, this is answer number ${++answers} 🎵` }));
      await putSdksInto(site, originOf(provider), sdk);
      const ask = (page: Page) => askThroughSdk(page, sdk, originOf(provider), 'Greet me', stream);

      let page = await visitor.open();
      const first = await ask(page);
      expect(first.cacheStatus).toEqual(['refrain; fwd=miss']);
      expect(callsFrom(provider, site.origin)).toHaveLength(1);

      const second = await ask(page);
      expect(second.cacheStatus).toEqual([expect.stringMatching(/^refrain; hit; ttl=\d+; detail=memory$/)]);
      expect(second.parsed).toEqual(first.parsed);

      await flush(page);
      await visitor.stopWorkers(page);
      const afterStop = await ask(page);
      expect(afterStop.cacheStatus).toEqual([expect.stringMatching(/^refrain; hit; ttl=\d+; detail=opfs$/)]);
      expect(afterStop.parsed).toEqual(first.parsed);

      await visitor.restart();
      page = await visitor.open();
      const afterRestart = await ask(page);
      expect(afterRestart.cacheStatus).toEqual([expect.stringMatching(/^refrain; hit; ttl=\d+; detail=opfs$/)]);
      expect(afterRestart.parsed).toEqual(first.parsed);
      expect(callsFrom(provider, site.origin)).toHaveLength(1);
    });
  }
}
