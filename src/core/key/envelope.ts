import type { Envelope } from './canonical-json.ts';

/**
 * Members of the envelope that never change an answer: how it is delivered and what the provider may reuse to compute it.
 * A short list on purpose: every cache that kept a longer one gave wrong answers. How an answer is delivered is part of
 * the key all the same, as its shape (key.ts).
 */
const leftOutOfRoot = new Set(['stream', 'stream_options', 'keep_alive']);
const leftOutAnywhere = /^(cache_control|prompt_cache_.*)$/;

interface Node {
  readonly below: Map<string, Node>;
  readonly dropped: Set<string>;
  sorts: boolean;
  readonly leaveOut: (name: string) => boolean;
}

/**
 * Compiles a format's envelope and the app's `data-ignore` pointers into one tree to walk beside a body.
 * @param pointers JSON Pointers (RFC 6901, `*` for any element) of the envelope's objects
 * @param ignore JSON Pointers of members left out besides, for endpoints the app named
 */
export function compileEnvelope(pointers: readonly string[], ignore: readonly string[]): Envelope | undefined {
  if (pointers.length === 0 && ignore.length === 0) return undefined;
  const root = createNode(true);
  for (const pointer of pointers) descend(root, partsOf(pointer)).sorts = true;
  for (const pointer of ignore) {
    const parts = partsOf(pointer);
    const name = parts.pop();
    if (name !== undefined) descend(root, parts).dropped.add(name);
  }
  spread(root);
  return root;
}

/** What holds for `*` holds for every child that is named besides. */
function spread(node: Node): void {
  const star = node.below.get('*');
  for (const [name, child] of node.below) {
    if (star && name !== '*') merge(child, star);
    spread(child);
  }
}

function merge(into: Node, from: Node): void {
  for (const name of from.dropped) into.dropped.add(name);
  into.sorts ||= from.sorts;
  for (const [name, child] of from.below) merge(descend(into, [name]), child);
}

function createNode(isRoot = false): Node {
  const dropped = new Set<string>();
  const node: Node = {
    below: new Map(),
    dropped,
    sorts: false,
    leaveOut: (name) =>
      dropped.has(name) ||
      dropped.has('*') ||
      (node.sorts && (leftOutAnywhere.test(name) || (isRoot && leftOutOfRoot.has(name)))),
  };
  return node;
}

function descend(root: Node, parts: readonly string[]): Node {
  let node = root;
  for (const part of parts) {
    const next = node.below.get(part) ?? createNode();
    node.below.set(part, next);
    node = next;
  }
  return node;
}

function partsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
