/**
 * The worker's own Content-Security-Policy, a header on its file, governs what it may fetch. Where it forbids an upstream,
 * Refrain must not take that call: the page's policy may allow it (docs/discoveries/worker-csp.md).
 */
export class Policy {
  readonly #forbidden = new Set<string>();

  /** @param told called once for each origin that turns out to be forbidden */
  constructor(scope: ServiceWorkerGlobalScope, told: (origin: string) => void) {
    scope.addEventListener('securitypolicyviolation', (event) => {
      const { blockedURI, disposition } = event as SecurityPolicyViolationEvent;
      const origin = originOf(blockedURI);
      // A policy that only reports forbids nothing.
      if (disposition === 'report' || !origin || this.#forbidden.has(origin)) return;
      this.#forbidden.add(origin);
      told(origin);
    });
  }

  /** False once the policy has been seen to forbid the origin. */
  allows(origin: string): boolean {
    return !this.#forbidden.has(origin);
  }

  /**
   * Asks the policy without touching the network: a request to another origin in mode `same-origin` fails before it is
   * sent, but the policy is consulted first (https://fetch.spec.whatwg.org/#main-fetch, steps 7 and 12).
   */
  async probe(origin: string): Promise<boolean> {
    if (!this.allows(origin)) return false;
    await fetch(`${origin}/`, { method: 'POST', mode: 'same-origin' }).catch(() => {});
    // The violation is a task of its own, which may come after the rejection.
    await new Promise((resolve) => setTimeout(resolve, 0));
    return this.allows(origin);
  }
}

/** Does the worker's file come with a policy that may forbid fetches? Asked once, when the worker is installed. */
export async function isRestricted(script: string): Promise<boolean> {
  try {
    const { headers } = await fetch(script, { cache: 'no-cache' });
    return /(connect|default)-src/i.test(headers.get('content-security-policy') ?? '');
  } catch {
    return true;
  }
}

function originOf(url: string): string | undefined {
  try {
    return new URL(url).origin;
  } catch {
    return undefined;
  }
}
