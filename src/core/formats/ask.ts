import type { Ask } from './format.ts';
import { arrayAt, isObject, type JsonObject, objectAt, textAt } from './json.ts';
import { pathOf } from './paths.ts';

/**
 * What a request asks, as far as all formats say it alike.
 * @param stateful the format found that the answer depends on what the provider keeps
 * @param live the format found that the answer depends on the world outside
 */
export function asked(url: URL, body: JsonObject, stream: boolean, stateful?: unknown, live?: unknown): Ask {
  const model = modelOf(url, body);
  const holds = stateful ? 'stateful' : contentDepends(body);
  const depends = holds === 'stateful' ? holds : live || usesServerTools(body) ? 'live' : holds;
  return { ...(model ? { model } : {}), stream, ...(depends ? { depends } : {}) };
}

/** Does the body give a value to a member of such a name? An empty text is one, `null` and `false` are none. */
export function has(body: JsonObject, names: RegExp): boolean {
  return Object.keys(body).some((name) => names.test(name) && (body[name] || body[name] === ''));
}

/**
 * The model by the name the request uses. In the path it decides: Azure's `/deployments/{d}/` over a model in the body.
 * https://learn.microsoft.com/azure/ai-foundry/openai/reference
 */
function modelOf(url: URL, body: JsonObject): string | undefined {
  const inPath = /\/deployments\/([^/]+)\/|\/model\/([^/]+)\/[^/]+$|\/([^/]+):\w+$/.exec(pathOf(url));
  const name = inPath?.slice(1).find(Boolean);
  return name ? decoded(name) : textAt(body, 'model');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/**
 * Tools a provider runs itself, against a world that changes: by their type, or as Google names them, by a member; in either
 * spelling, compared in lower case without `_`. What the client runs is no reason: functions, Anthropic's `bash_20250124`,
 * `computer_20250124` and `computer_toolset_20260801`, Google's `computerUse`.
 */
const serverTools =
  /^(openrouter:|web(search|fetch)|(file|tool|browser|x|collections|enterpriseweb|exaai|parallelai)search|code(interpreter|execution)|mcp|shell|computer(?!\d|toolset|use$)|imagegeneration|programmatictool|advisor|google(search|maps)|urlcontext|fetchurl|retrieval|systemtool|connector|documentlibrary|builtinfunction|graph$)/;

function usesServerTools(body: JsonObject): boolean {
  const tools = [...arrayAt(body, 'tools'), ...arrayAt(objectAt(body, 'toolConfig'), 'tools')];
  return tools.some(
    (tool) =>
      isObject(tool) &&
      [String(tool.type), ...Object.keys(tool)].some((name) => serverTools.test(name.replace(/_/g, '').toLowerCase())),
  );
}

/** Arguments and results of tools are the app's own data, whatever they are called. */
const appsOwn = /^(args|arguments|toolUse|response|json|metadata)$/;

/** Does any part of the question stand somewhere else: in a file of the provider, in an earlier answer, behind a URL? */
function contentDepends(value: unknown): Ask['depends'] {
  if (typeof value !== 'object' || value === null) return undefined;
  let depends: Ask['depends'];
  const { type } = value as JsonObject;
  if (type === 'item_reference') return 'stateful';
  if (type === 'tool_use') return undefined;
  for (const [name, member] of Object.entries(value)) {
    const { type, id } = Object(member) as JsonObject;
    if (/^(file_?id|file_?uri|s3Location)$/i.test(name) && (typeof member === 'string' || name === 's3Location'))
      return 'stateful';
    if (name === 'audio' && id) return 'stateful';
    if (name === 'source' && (type === 'file' || type === 'url')) depends = type === 'file' ? 'stateful' : 'live';
    else if (!appsOwn.test(name)) depends = contentDepends(member) ?? depends;
    if (depends === 'stateful') return depends;
  }
  return depends;
}
