import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { compileEnvelope } from './envelope.ts';

/** The envelope of a chat: the root, each message, and each part of a message. */
const chat = compileEnvelope(['', '/messages/*', '/messages/*/content/*'], ['/tools/*/cache_control']);

function canonicalText(text: string, envelope = chat): string {
  const canonical = canonicalJson(text, envelope);
  if ('raw' in canonical) throw new Error(`no canonical form: ${canonical.raw}`);
  return canonical.text;
}

function whyRaw(text: string, envelope = chat): string | undefined {
  const canonical = canonicalJson(text, envelope);
  return 'raw' in canonical ? canonical.raw : undefined;
}

test('canonicalJson gives one text for any member order, in the envelope', () => {
  const one = '{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}';
  const other = '{"messages":[{"content":[{"text":"Hi","type":"text"}],"role":"user"}],"model":"m"}';
  expect(canonicalText(one)).toBe(canonicalText(other));
});

test.each([
  ['tools', '{"tools":[{"name":"f","input_schema":{"properties":{"a":{},"b":{}}}}]}'],
  ['tools without a schema', '{"tools":[{"a":1,"b":2}]}'],
  ['a response format', '{"response_format":{"json_schema":{"schema":{"a":{},"b":{}}}}}'],
  ["Ollama's format", '{"format":{"properties":{"a":{},"b":{}}}}'],
  ['an unknown member', '{"something_new":{"a":1,"b":2}}'],
  ["a tool call's input", '{"messages":[{"content":[{"type":"tool_use","input":{"a":1,"b":2}}]}]}'],
])('canonicalJson keeps member order, under %s', (_where, text) => {
  const swapped = text.replace('"a":{},"b":{}', '"b":{},"a":{}').replace('"a":1,"b":2', '"b":2,"a":1');
  expect(swapped).not.toBe(text);
  expect(canonicalText(swapped)).not.toBe(canonicalText(text));
});

test('canonicalJson keeps the order of elements, of messages as of any array', () => {
  expect(canonicalText('{"messages":[{"role":"a"},{"role":"b"}]}')).not.toBe(
    canonicalText('{"messages":[{"role":"b"},{"role":"a"}]}'),
  );
  expect(canonicalText('{"stop":["a","b"]}')).not.toBe(canonicalText('{"stop":["b","a"]}'));
});

test('canonicalJson drops white space everywhere, except inside strings', () => {
  const spaced = ' {\t"tools" :\r\n[ { "a" : 1 , "b" : [ ] } ] , "prompt" : "a  b\\n" } \n';
  expect(canonicalText(spaced)).toBe('{"prompt":"a  b\\n","tools":[{"a":1,"b":[]}]}');
});

test.each([
  ['9007199254740993', '9007199254740992'],
  ['1', '1.0'],
  ['1', '1e0'],
  ['0', '-0'],
  ['0.1', '0.10000000000000000001'],
  ['1e400', '1e500'],
])('canonicalJson keeps numbers as written: %s and %s never meet', (one, other) => {
  expect(canonicalText(`{"seed":${one}}`)).not.toBe(canonicalText(`{"seed":${other}}`));
});

test('canonicalJson tells a number from the string of its digits, and a literal from its name', () => {
  expect(canonicalText('{"a":1}')).not.toBe(canonicalText('{"a":"1"}'));
  expect(canonicalText('{"a":null}')).not.toBe(canonicalText('{"a":"null"}'));
  expect(canonicalText('{"a":null}')).not.toBe(canonicalText('{}'));
});

test.each([
  ['the root', '{"model":"a","model":"b"}'],
  ['a message', '{"messages":[{"role":"a","role":"a"}]}'],
  ['the root, one of them escaped', '{"model":"a","\\u006dodel":"b"}'],
  ['the root, of a member that is left out', '{"model":"a","stream":true,"stream":false}'],
])('canonicalJson has no form for duplicate member names, in %s', (_where, text) => {
  expect(whyRaw(text)).toBe('duplicate member name');
});

test('canonicalJson keeps duplicate member names as they stand, outside the envelope', () => {
  expect(canonicalText('{"tools":[{"a":1,"a":2}]}')).toBe('{"tools":[{"a":1,"a":2}]}');
});

test.each(['"\\ud800"', '"\\udc00"', '"a\\udc00\\ud800"', '{"\\ud800":1}', '{"tools":["\\uDBFF x"]}'])(
  'canonicalJson has no form for a lone surrogate: %s',
  (text) => {
    expect(whyRaw(text)).toBe('lone surrogate');
  },
);

test('canonicalJson spells a surrogate pair as the character it is', () => {
  expect(canonicalText('"\\ud83d\\ude00"')).toBe('"😀"');
});

test.each([
  '',
  ' ',
  '{',
  '{}}',
  '{"a":1,}',
  '[1,]',
  '[,]',
  '{"a" 1}',
  "{'a':1}",
  '{a:1}',
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":1.}',
  '{"a":NaN}',
  '{"a":undefined}',
  '"a\nb"',
  '"\\x41"',
  '"\\u12"',
  '"unended',
  '"unended\\',
  'nul',
  'truefalse',
  '1 2',
  '\ufeff{}',
  '\u00a0{}',
  '// comment\n{}',
])('canonicalJson has no form for what is no JSON: %j', (text) => {
  expect(whyRaw(text)).toBe('invalid JSON');
  expect(() => JSON.parse(text)).toThrow();
});

test.each([
  ['"\\u0041\\/\\u00e9"', '"A/é"'],
  ['"\\u000a\\u0009"', '"\\n\\t"'],
  ['"\\u0001"', '"\\u0001"'],
  ['"\\u001F"', '"\\u001f"'],
  ['"\\u2028\\u007f"', '"\u2028\u007f"'],
  ['"\\u005c\\u0022"', '"\\\\\\""'],
])('canonicalJson gives escapes one spelling: %s is %s', (text, canonical) => {
  expect(canonicalText(text)).toBe(canonical);
});

test('canonicalJson sorts names by what they say, however they are escaped', () => {
  expect(canonicalText('{"b":1,"\\u0061":2}')).toBe(canonicalText('{"a":2,"b":1}'));
});

test('canonicalJson never normalises Unicode: NFC and NFD stay apart', () => {
  const text = '"é"';
  expect(canonicalText(text.normalize('NFC'))).not.toBe(canonicalText(text.normalize('NFD')));
});

test('canonicalJson leaves members out by name, and tells which', () => {
  const canonical = canonicalJson(
    JSON.stringify({
      stream: true,
      stream_options: { include_usage: true },
      keep_alive: '5m',
      prompt_cache_key: 'k',
      cache_control: {},
      messages: [{ role: 'user', content: [{ type: 'text', cache_control: { type: 'ephemeral' } }] }],
      tools: [{ name: 'f', cache_control: {} }],
    }),
    chat,
  );
  expect(canonical).toEqual({
    text: '{"messages":[{"content":[{"type":"text"}],"role":"user"}],"tools":[{"name":"f"}]}',
    leftOut: [
      '/stream',
      '/stream_options',
      '/keep_alive',
      '/prompt_cache_key',
      '/cache_control',
      '/messages/*/content/*/cache_control',
      '/tools/*/cache_control',
    ],
  });
});

test('canonicalJson keeps a left-out name, where it is part of the question', () => {
  const text = '{"messages":[{"content":"x","stream":true}],"tools":[{"parameters":{"cache_control":{},"stream":{}}}]}';
  expect(canonicalText(text)).toBe(text);
});

test('canonicalJson keeps everything in source order, without an envelope', () => {
  const text = '{"stream":true,"b":1,"a":{"d":1,"c":2},"b":3}';
  expect(canonicalJson(text, undefined)).toEqual({ text, leftOut: [] });
});

test('canonicalJson takes members named like those of every object', () => {
  const text = '{"__proto__":{"a":1},"constructor":1,"toString":2}';
  expect(canonicalText(text)).toBe(text);
});

test('canonicalJson has no form for deeper nesting than any API takes, and never overflows', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  expect(canonicalText(nested(400))).toBe(nested(400));
  expect(whyRaw(nested(401))).toBe('nested too deeply');
  expect(whyRaw('{"a":'.repeat(100_000))).toBe('nested too deeply');
});

test('canonicalJson counts depth by what is open, not by what has been', () => {
  const wide = `[${Array(1000).fill('[[]]').join(',')}]`;
  expect(canonicalText(wide)).toBe(wide);
});

test('canonicalJson reads strings of many megabytes', () => {
  const text = JSON.stringify({ prompt: 'a'.repeat(8_000_000), suffix: '\\"é'.repeat(100_000) });
  expect(canonicalText(text)).toBe(text);
});

/** Strings with what makes JSON difficult in them. */
const strings = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('messages', 'content', 'tools', 'a', 'b', '"', '\\', '/', '\n', '\u2028', '😀', '*', '0'),
);
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    strings,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(strings, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;
const bodies = fc.record(
  {
    model: strings,
    messages: fc.array(fc.dictionary(strings, values, { maxKeys: 4, noNullPrototype: true }), { maxLength: 3 }),
    tools: values,
    stream: fc.boolean(),
    cache_control: values,
    z: values,
  },
  { requiredKeys: [] },
);

/** JSON with the members of every object as `order` puts them, and white space and escapes as `taste` says. */
function write(value: unknown, order: (names: string[]) => string[], taste: () => number): string {
  const space = () => ['', ' ', '\n', '\t\r\n  '][taste() % 4] as string;
  const text = (content: string) =>
    taste() % 2 === 0
      ? JSON.stringify(content)
      : `"${[...content].map((character) => (taste() % 3 === 0 ? escaped(character) : JSON.stringify(character).slice(1, -1))).join('')}"`;
  const element = (element: unknown) => `${space()}${write(element, order, taste)}${space()}`;
  if (Array.isArray(value)) return `[${value.map(element).join(',')}${value.length === 0 ? space() : ''}]`;
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const names = order(Object.keys(value));
  return `{${names
    .map((name) => `${space()}${text(name)}${space()}:${element((value as Record<string, unknown>)[name])}`)
    .join(',')}${space()}}`;
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
    .join('');
}

const asTheyStand = (names: string[]) => names;
const tastes = fc.infiniteStream(fc.nat({ max: 11 })).map((stream) => () => stream.next().value as number);

/** What the chat's envelope leaves out, done the slow way. */
function withoutLeftOut(body: Record<string, unknown>): unknown {
  const drops = (name: string) => name === 'cache_control' || name.startsWith('prompt_cache_');
  const dropFrom = (value: unknown, more: string[] = []): unknown =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).filter(([name]) => !drops(name) && !more.includes(name)))
      : value;
  const within = (value: unknown, change: (element: unknown) => unknown) =>
    Array.isArray(value) ? value.map(change) : isObject(value) ? mapObject(value, change) : value;
  const root = dropFrom(body, ['stream', 'stream_options', 'keep_alive']) as Record<string, unknown>;
  return mapObject(root, (value, name) => {
    if (name === 'messages')
      return within(value, (message) =>
        isObject(message)
          ? mapObject(dropFrom(message) as Record<string, unknown>, (content, name) =>
              name === 'content' ? within(content, (part) => dropFrom(part)) : content,
            )
          : message,
      );
    if (name === 'tools')
      return within(value, (tool) =>
        isObject(tool) ? Object.fromEntries(Object.entries(tool).filter(([name]) => name !== 'cache_control')) : tool,
      );
    return value;
  });
}

function mapObject(object: Record<string, unknown>, change: (value: unknown, name: string) => unknown) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

test('canonicalJson gives a text that parses to the same value, minus what is left out', () => {
  fc.assert(
    fc.property(bodies, tastes, (body, taste) => {
      const text = write(body, asTheyStand, taste);
      expect(JSON.parse(canonicalText(text))).toStrictEqual(withoutLeftOut(JSON.parse(text)));
    }),
    { numRuns: 300 },
  );
});

test('canonicalJson gives a text that is its own canonical text', () => {
  fc.assert(
    fc.property(bodies, tastes, (body, taste) => {
      const text = canonicalText(write(body, asTheyStand, taste));
      expect(canonicalText(text)).toBe(text);
    }),
  );
});

test('canonicalJson is unchanged by permuted envelope members, inserted white space and other escapes', () => {
  fc.assert(
    fc.property(bodies, tastes, fc.boolean(), (body, taste, reversed) => {
      const inEnvelope = (names: string[]) => (reversed ? names.toReversed() : names);
      const root = Object.fromEntries(inEnvelope(Object.keys(body)).map((name) => [name, body[name as 'model']]));
      const messages = body.messages?.map((message) =>
        Object.fromEntries(inEnvelope(Object.keys(message)).map((name) => [name, message[name]])),
      );
      const permuted = messages ? { ...root, messages } : root;
      expect(canonicalText(write(permuted, asTheyStand, taste))).toBe(canonicalText(JSON.stringify(body)));
    }),
    { numRuns: 300 },
  );
});

/** Few enough that equal ones come up often. */
const fewValues = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('', 'a', '0', 'null', 0, -1, 1.5, true, false, null),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('', 'a', 'b'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
})).value;
const fewBodies = fc.dictionary(fc.constantFrom('messages', 'tools', 'a', 'b'), fewValues, { noNullPrototype: true });

test('canonicalJson never gives two different values one text', () => {
  fc.assert(
    fc.property(fc.array(fewBodies, { minLength: 50, maxLength: 100 }), (many) => {
      const seen = new Map<string, unknown>();
      for (const body of many) {
        const text = canonicalText(JSON.stringify(body));
        if (seen.has(text)) expect(seen.get(text)).toStrictEqual(body);
        seen.set(text, body);
      }
    }),
    { numRuns: 50 },
  );
});

test('canonicalJson tells apart bodies that differ in one place', () => {
  fc.assert(
    fc.property(bodies, values, values, (body, one, other) => {
      const [a, b] = [JSON.stringify({ ...body, z: one }), JSON.stringify({ ...body, z: other })];
      fc.pre(a !== b);
      expect(canonicalText(a)).not.toBe(canonicalText(b));
    }),
    { numRuns: 300 },
  );
});

test('canonicalJson never throws, and takes exactly what JSON.parse takes', () => {
  const broken = fc
    .tuple(bodies, fc.nat(), fc.constantFrom('', '"', '\\', '{', ']', ',', ':', '0', 'e', '-', ' ', '\ud800'))
    .map(([body, at, what]) => {
      const text = JSON.stringify(body);
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + what + text.slice(cut + 1);
    });
  fc.assert(
    fc.property(fc.oneof(broken, fc.string(), fc.json()), (text) => {
      const isJson = (() => {
        try {
          JSON.parse(text);
          return true;
        } catch {
          return false;
        }
      })();
      if (isJson) expect(whyRaw(text)).not.toBe('invalid JSON');
      else expect(whyRaw(text)).toBeDefined();
    }),
    { numRuns: 500 },
  );
});
