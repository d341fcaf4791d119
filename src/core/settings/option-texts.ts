/** Options of the npm API as the texts that `readAttributes` reads: lists by spaces, objects as JSON, `true` as an empty text. */
export function textsOf(options: object): Record<string, string | undefined> {
  const texts: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === false) texts[name] = undefined;
    else if (Array.isArray(value)) texts[name] = value.join(' ');
    else if (typeof value === 'object') texts[name] = JSON.stringify(value);
    else texts[name] = value === true ? '' : String(value);
  }
  return texts;
}
