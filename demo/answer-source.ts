/** Where an answer came from, as far as latency is concerned. */
export type Tier = 'memory' | 'opfs' | 'network';

export const tierNames: Readonly<Record<Tier, string>> = { memory: 'Memory', opfs: 'OPFS', network: 'Network' };

export interface AnswerSource {
  readonly tier: Tier;
  /** One clause on how, for the reader. */
  readonly how: string;
  /** Refrain had no part in it. */
  readonly bypassed?: true;
}

/** Reads the response's `Cache-Status` (https://www.rfc-editor.org/rfc/rfc9211): one member for each cache on the way, the nearest last. */
export function readSource(headers: Headers): AnswerSource {
  const members = (headers.get('cache-status') ?? '').split(',').map((member) => member.trim());
  const ours = members.findLast((member) => /^refrain\b/.test(member));
  if (!ours) return { tier: 'network', how: 'past the cache, untouched', bypassed: true };
  const parameters = new Map(ours.split(';').map((part) => pair(part.trim())));
  if (parameters.has('hit')) {
    if (parameters.get('detail') === 'cassette') return { tier: 'memory', how: 'from a cassette, held by the worker' };
    return parameters.get('detail') === 'opfs'
      ? { tier: 'opfs', how: 'read from disk and checked' }
      : { tier: 'memory', how: 'held by the worker' };
  }
  if (parameters.has('collapsed')) return { tier: 'network', how: 'joined a request already on its way' };
  if (parameters.get('fwd') === 'stale') return { tier: 'network', how: 'the stored answer was too old' };
  if (parameters.get('fwd') === 'request') return { tier: 'network', how: 'asked for afresh' };
  return { tier: 'network', how: 'never asked before' };
}

function pair(parameter: string): [name: string, value: string] {
  const [name = '', value = ''] = parameter.split('=', 2);
  return [name, value];
}
