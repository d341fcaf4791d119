/**
 * Members of a body that hold a credential, by name, whatever their spelling. `token` alone is not among them: it is what
 * models write.
 */
const secretName =
  /api_?keys?$|(^|_)((api|access|auth|bearer|bot|github|hf|id|oauth|private|refresh|secret|security|session)_?token|authorization(_?token)?|bearer|(api|app|client|consumer|shared|signing|token|webhook)_?secret(_?key)?|(access|account|encryption|private|secret|signing|subscription)_?key|pass(word|wd|phrase|code)|credentials?)$|^(x_?)?(secret(_?access_?key)?|(set_?)?cookies?)$|^aws_?secret/;

/** Query parameters of such names, and signatures. */
const secretParameter = /key|token|secret|sig(nature)?$|pass|auth|credential/i;

const inText = /"([\w.-]{4,80})"\s*:\s*"(?=[^"])/g;

/** Pointer of the first member of a parsed body that holds a credential; `undefined` where there is none. */
export function secretIn(value: unknown, pointer = ''): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const at = `${pointer}/${name}`;
    if (typeof member === 'string' && member !== '' && isSecretName(name)) return at;
    const deeper = secretIn(member, at);
    if (deeper) return deeper;
  }
  return undefined;
}

/** Name of the first member of this JSON, or of a stream of JSON, that holds a credential. One pass over the text. */
export function secretInText(text: string): string | undefined {
  for (const [, name = ''] of text.matchAll(inText)) if (isSecretName(name)) return name;
  return undefined;
}

/** `openaiApiKey`, `OPENAI-API-KEY` and `openai.api_key` are one name. */
function isSecretName(name: string): boolean {
  const words = name.replace(/([a-z\d])([A-Z])/g, '$1_$2').replace(/[.-]/g, '_');
  return secretName.test(words.toLowerCase());
}

/** A URL as a recording may hold it: no user, no fragment, no parameter that is, or may be, a credential. */
export function withoutCredentials(url: URL): string {
  const clean = new URL(url.origin + url.pathname);
  const kept = url.search
    .slice(1)
    .split('&')
    .filter((parameter) => parameter !== '' && !secretParameter.test(nameOf(parameter)));
  return clean.href + (kept.length > 0 ? `?${kept.join('&')}` : '');
}

function nameOf(parameter: string): string {
  return new URLSearchParams(parameter).keys().next().value ?? '';
}
