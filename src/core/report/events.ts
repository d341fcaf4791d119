import type { Difference } from '../cassette/closest.ts';
import type { KeptRequest, Tokens } from '../store/entry.ts';
import type { VerifyProgress } from '../store/opfs/verify.ts';
import type { RemovalReason } from '../store/tier.ts';

/** Where an answer came from. */
export type HitTier = 'memory' | 'opfs' | 'cassette';

/** Why a matched request went past the cache untouched. */
export type BypassReason =
  /** `data-mode="off"` or `?refrain=off`. */
  | 'off'
  /** The app asked for it: fetch's `no-store`, `x-refrain: no-store` or `cache-control: no-store`. */
  | 'no-store'
  /** The browser may add a cookie nobody here can see, and the app named no partition. */
  | 'ambient-credential'
  /** Some page of the scope named partitions or models, and this client did not say which are its own. */
  | 'unknown-client'
  /** The body is not what the endpoint's format describes, so nothing can be proven about its answer. */
  | 'not-understood'
  /** The URL turned out to be none of ours once the stored settings were read. */
  | 'not-matched'
  /** No page of the scope has had the script for a week: the worker is on its way out. */
  | 'no-script'
  /** The body is a stream whose length is unknown: holding it back would change the upload. */
  | 'stream-body'
  /** The body is larger than is held in memory for a key. */
  | 'request-too-large'
  /** The answer depends on state at the provider (a conversation, a file, a container). */
  | 'stateful'
  /** The answer depends on the world outside (web search, remote tools). */
  | 'live'
  /** It waited for another request's answer, which turned out not to be one to share. */
  | 'not-shared'
  /** Something of ours failed; the request went on as if we were not here. */
  | 'failed';

/** Why an answer was not kept. */
export type SkipReason =
  /** Status other than 200. */
  | 'status'
  /** The stream ended before its proof of completeness. */
  | 'truncated'
  /** The answer carries an error. */
  | 'error'
  /** The answer says it is not final. */
  | 'pending'
  /** The answer's bytes do not follow its format, or the model's output was malformed. */
  | 'malformed'
  /** A content filter ended the answer. */
  | 'filtered'
  /** No end marker and no readable `content-length` to compare with. */
  | 'unproven'
  /** Larger than is recorded. */
  | 'too-large'
  /** The answer was redirected: the final URL is not part of the key. */
  | 'redirected'
  /** The response of a `data-endpoints` URL says `cache-control: no-store`. */
  | 'no-store'
  /** It was purged before it was complete. */
  | 'purged'
  /** The asker went away before the answer was complete. */
  | 'aborted'
  /** The answer holds links that expire. */
  | 'expiring-link'
  /** The answer has no body. */
  | 'no-body'
  /** Something of ours failed at reading it. It reached the page all the same. */
  | 'failed';

/** Why a matched request was sent upstream. */
export type MissReason = 'miss' | 'stale' | 'request';

interface Named {
  /** Origin and path asked for. */
  readonly url: string;
  /** The page's id of this call, where the page script made one. */
  readonly call?: string;
}

interface Keyed extends Named {
  readonly key: string;
  readonly format: string;
  readonly model?: string;
  readonly partition: string;
  /** The key without the partition, as cassettes have it: on pages that keep requests. */
  readonly question?: string;
}

/** One decision about one request or entry. Events carry no bodies and no credentials. */
export type RefrainEvent =
  | ({
      readonly type: 'entry-hit';
      readonly tier: HitTier;
      readonly age: number;
      readonly bytes: number;
      readonly saved: Saved;
      /** Shape the answer was converted from (`stream`, `json` …), where it is stored in another than was asked for. */
      readonly from?: string;
    } & Keyed)
  | ({ readonly type: 'entry-miss'; readonly reason: MissReason } & Keyed)
  | ({ readonly type: 'flight-join' } & Keyed)
  | ({
      readonly type: 'entry-store';
      readonly bytes: number;
      readonly elapsed: number;
    } & Tokens &
      Keyed)
  | ({ readonly type: 'entry-skip'; readonly reason: SkipReason; readonly detail?: string } & Keyed)
  /** `replay` or `only-if-cached` found nothing, and answered 504. Without a key: what cannot have one. */
  | ({
      readonly type: 'not-stored';
      readonly why: string;
      /** What was asked, and the recorded request that is most like it: on pages that keep requests. */
      readonly asked?: KeptRequest;
      readonly closest?: { readonly key: string; readonly differences: readonly Difference[] };
    } & Named &
      Partial<Keyed>)
  | ({ readonly type: 'bypass'; readonly reason: BypassReason } & Named)
  | {
      readonly type: 'entry-remove';
      readonly reason: RemovalReason;
      readonly keys: readonly string[];
      readonly tier: HitTier;
    }
  | ({ readonly type: 'verify-progress' } & VerifyProgress)
  | { readonly type: 'problem'; readonly code: string; readonly message: string };

export type RefrainEventType = RefrainEvent['type'];

/** What a hit spared: the provider's tokens and the upstream's milliseconds. */
interface Saved extends Tokens {
  readonly ms: number;
}

/** Where decisions go. Called on the hot path: must return at once and never throw. */
export type Report = (event: RefrainEvent) => void;
