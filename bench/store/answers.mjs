// The answers that are stored: which number has which key, which size and which text. The same in Node, where they are
// checked, and in the workers, which make them themselves: 100,000 of them are more than a gigabyte.

import { mulberry } from '../figures.mjs';

export const SMALL = 8_000;
export const LARGE = 120_000;
/** Said with the figures: what the sizes are, and why some are always the same. */
export const SIZES =
  'sizes log-uniform from 2 to 32 kB, median 8 kB, one in fifty up to 200 kB; of those one in ten has 8 kB and one in a hundred 120 kB, to be asked for';
export const TYPE = 'text/event-stream; charset=utf-8';

const VOCABULARY = 20_000;
const ONSETS = ['', 'b', 'c', 'd', 'f', 'g', 'h', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'st', 'tr', 'pr', 'th', 'ch'];
const RHYMES = ['a', 'e', 'i', 'o', 'u', 'en', 'er', 'in', 'on', 'at', 'al', 'is', 'or', 'ed', 'ing', 'ous'];
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
// What stands in a template where each answer, or each token, has something of its own.
const [ID, NOISE, TOKEN] = ['‹id›', '‹noise›', '‹token›'];

/** 64 hexadecimal digits, as even as a digest. */
export function keyOf(number) {
  const random = mulberry(number + 0x4b65_7900);
  return Array.from({ length: 8 }, () => hex(random)).join('');
}

function hex(random) {
  return Math.floor(random() * 4_294_967_296)
    .toString(16)
    .padStart(8, '0');
}

/** Bytes of an answer, about. */
export function sizeOf(number) {
  if (number % 100 === 50) return LARGE;
  if (number % 10 === 1) return SMALL;
  const [least, most] = number % 100 === 0 ? [32_000, 200_000] : [2_000, 32_000];
  return Math.round(least * (most / least) ** mulberry(number + 0x5369_7a65)());
}

/** The number of an answer of this size, of the first `count`; `at` from 0 to 1 chooses it. */
export function numberOfSize(size, count, at) {
  return size === LARGE ? Math.floor((at * count) / 100) * 100 + 50 : Math.floor((at * count) / 10) * 10 + 1;
}

/** From the answers of streams.mjs, what `answerMaker` needs of them. In Node alone. */
export function templatesOf(answersOf) {
  return ['openai-chat', 'anthropic'].map((name) => {
    const long = answersOf(4000)[name].pieces;
    const first = long.findIndex((piece) => piece.includes('"The"'));
    const last = first + long.length - answersOf(1)[name].pieces.length;
    const part = (from, to) =>
      long
        .slice(from, to)
        .join('')
        .replaceAll(/(?<=chatcmpl-|msg_)\w+/g, ID)
        .replaceAll(/(?<="obfuscation":")\w+/g, NOISE);
    return { begin: part(0, first), token: part(first, first + 1).replace('"The"', TOKEN), end: part(last) };
  });
}

/** Makes answers: server-sent events in two providers' manner, words by Zipf's law out of 20,000, ids of their own. */
export function answerMaker(templates) {
  const words = vocabulary();
  const parts = templates.map(({ begin, token, end }) => ({ begin, token: token.split(/(‹noise›|‹token›)/), end }));
  const encoder = new TextEncoder();

  return function make(number, size = sizeOf(number)) {
    const random = mulberry(number);
    const { begin, token, end } = parts[Math.floor(random() * parts.length)];
    const id = letters(random, 24);
    const named = (text) => text.replaceAll(ID, id);
    const fill = (text) => named(text).replaceAll(NOISE, () => letters(random, 7));
    const pieces = token.map(named);
    const last = fill(end);
    let text = fill(begin);
    while (text.length + last.length < size)
      for (const piece of pieces)
        text += piece === TOKEN ? JSON.stringify(nextWord(random)) : piece === NOISE ? letters(random, 7) : piece;
    return { number, key: keyOf(number), headers: [['content-type', TYPE]], bytes: encoder.encode(text + last) };
  };

  function nextWord(random) {
    const which = random();
    if (which < 0.08) return which < 0.04 ? ',' : which < 0.07 ? '.' : '\n\n';
    return ` ${words[Math.floor((VOCABULARY + 1) ** random()) - 1]}`;
  }
}

/** The more frequent, the shorter. */
function vocabulary() {
  const random = mulberry(20_000);
  const among = (values) => values[Math.floor(random() * values.length)];
  return Array.from({ length: VOCABULARY }, (_, rank) => {
    const syllables = 1 + Math.floor(Math.log10(rank + 1) * 0.6 + random());
    return Array.from({ length: syllables }, () => among(ONSETS) + among(RHYMES)).join('');
  });
}

function letters(random, count) {
  let text = '';
  for (let i = 0; i < count; i++) text += LETTERS[Math.floor(random() * LETTERS.length)];
  return text;
}
