/** So many files are read at once: more would wait for the browser, and lie in memory meanwhile. */
const width = 16;

/** Does the work for each, some at a time; resolves with what it gave, in order. Rejects as the work does. */
export async function sideBySide<T, U>(each: readonly T[], work: (one: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  for (let at = 0; at < each.length; at += width)
    results.push(...(await Promise.all(each.slice(at, at + width).map(work))));
  return results;
}
