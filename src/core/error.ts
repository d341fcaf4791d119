/** Conditions a caller may want to catch. Misuse is a `TypeError` or `RangeError` instead. */
export type RefrainErrorCode =
  /** The page is not a secure context, so the browser offers no service workers. */
  | 'insecure-context'
  /** The browser has no service workers, or they are switched off here (private windows, some embedded views). */
  | 'no-service-workers'
  /** The worker's file could not be fetched, is no script, or `register()` resolved with nothing. */
  | 'registration-failed'
  /** The page lies outside the worker's scope, so it can never be controlled. */
  | 'wrong-scope'
  /** Another project's worker controls this scope. It is never replaced. */
  | 'foreign-worker'
  /** The app's own worker, with Refrain inside, does not control this page load: it claims no pages. */
  | 'not-controlled'
  /** Refrain is switched off for this page (`data-mode="off"` or `?refrain=off`). */
  | 'off'
  /** The worker did not answer a message of the page API. */
  | 'no-answer';

/** A condition of the installation, told in one sentence: what could not be done, what is, what is needed. */
export class RefrainError extends Error {
  override readonly name = 'RefrainError';

  constructor(
    readonly code: RefrainErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
