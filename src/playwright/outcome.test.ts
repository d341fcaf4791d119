import { describe, expect, it } from 'vitest';
import type { RefrainEvent } from '../core/report/events.ts';
import { outcomeOf, pastWorker, unsettled } from './outcome.ts';
import { missText } from './outcome-text.ts';
import { failureOf } from './verdict.ts';

const url = 'https://api.openai.com/v1/chat/completions';
const keyed = { url, format: 'openai-chat', model: 'gpt-4o', partition: '', key: 'k', question: 'q' };
const missed: RefrainEvent = {
  ...keyed,
  type: 'not-stored',
  why: 'data-mode="replay" never asks upstream',
  closest: { key: 'c', differences: [{ at: '/model', recorded: '"gpt-4"', asked: '"gpt-4o"' }] },
};

describe('outcomeOf', () => {
  it('counts a retried miss once, and tells two questions apart', () => {
    const other = { ...missed, question: 'another' } as RefrainEvent;
    expect(outcomeOf([missed, other, missed]).missed.map(({ count }) => count)).toEqual([2, 1]);
  });

  it('tells what cannot be recorded, and why', () => {
    const events: RefrainEvent[] = [
      { type: 'bypass', reason: 'stateful', url },
      { ...keyed, type: 'entry-skip', reason: 'status', detail: 'status 500' },
    ];
    expect(outcomeOf(events).unrecorded).toEqual([
      `POST ${url}: it cannot be recorded (stateful)`,
      `POST ${url}: status 500`,
    ]);
  });
});

describe('unsettled', () => {
  it('finds answers that were stored without what a recording needs', () => {
    const stored = { ...keyed, type: 'entry-store', bytes: 1, elapsed: 1, input: 0, output: 0 } as RefrainEvent;
    const { question: _none, ...without } = stored as RefrainEvent & { question: string };
    expect(unsettled([stored])).toEqual([]);
    expect(unsettled([without as RefrainEvent])).toHaveLength(1);
  });
});

describe('missText', () => {
  it('says so when nothing like it is recorded', () => {
    const [miss] = outcomeOf([{ ...keyed, type: 'not-stored', why: 'never asks' }]).missed;
    expect(miss && missText(miss)).toContain('nothing like it is recorded: never asks');
  });
});

describe('failureOf', () => {
  const judged = { cassette: '/e2e/chat.refrain', past: [], failures: [], lost: [] };

  it('names every call without an answer, its differences, and what to do', () => {
    const failure = failureOf({ ...judged, mode: 'replay', outcome: outcomeOf([missed, missed]) });
    expect(failure).toContain('Cannot replay from chat.refrain: 1 call has no recorded answer');
    expect(failure).toContain('model gpt-4o, asked 2 times');
    expect(failure).toContain('/model: recorded "gpt-4", asked "gpt-4o"');
    expect(failure).toContain('REFRAIN_MODE=auto');
  });

  it('lets calls pass the worker in auto, and not in record or replay', () => {
    const past = pastWorker({ live: [{ url, from: 'page' }] });
    const fails = (mode: 'auto' | 'record' | 'replay') =>
      failureOf({ ...judged, past, failures: ['no worker'], mode, outcome: outcomeOf([]) });
    expect(fails('auto')).toBeUndefined();
    expect(fails('record')).toContain("it did not pass Refrain's worker: no worker");
    expect(fails('replay')).toContain("it did not pass Refrain's worker: no worker");
  });
});
