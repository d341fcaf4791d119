import { type AnswerSource, type Tier, tierNames } from './answer-source.ts';
import type { Answered } from './ask.ts';
import { element } from './element.ts';
import { formatDuration } from './figures.ts';

const source = element('answer-source', HTMLElement);
const text = element('answer-text', HTMLElement);
const firstByte = element('first-byte', HTMLElement);
const wholeAnswer = element('whole-answer', HTMLElement);
const saved = element('answer-saved', HTMLElement);
const announcement = element('answer-announcement', HTMLElement);

let unwritten = '';
let unshown: { source?: AnswerSource; firstByte?: number } = {};
let frame = 0;

/** Resolves once the page shows it, so that drawing it is no part of the answer's time. */
export async function showAsking(): Promise<void> {
  unwritten = '';
  unshown = {};
  text.replaceChildren();
  text.dataset.state = 'asking';
  saved.textContent = '';
  firstByte.textContent = wholeAnswer.textContent = '–';
  announcement.textContent = 'Asking';
  showSource('none', 'Asking', '');
  element('answer', HTMLElement).scrollIntoView({ block: 'nearest' });
  await Promise.race([drawn(), elapsed(50)]);
}

/** Known as soon as the response's headers are there. */
export function showAnswerSource(answerSource: AnswerSource): void {
  unshown.source = answerSource;
  frame ||= requestAnimationFrame(write);
}

export function showFirstByte(elapsed: number): void {
  unshown.firstByte = elapsed;
  frame ||= requestAnimationFrame(write);
}

/** Pieces are written once a frame: a replayed answer arrives in thousands of them at once. */
export function appendText(piece: string): void {
  unwritten += piece;
  frame ||= requestAnimationFrame(write);
}

export function showAnswered(answered: Answered): void {
  write();
  delete text.dataset.state;
  wholeAnswer.textContent = formatDuration(answered.whole);
  const { tier } = answered.source;
  // Nobody read along with an answer that came at once: it is shown from its start.
  if (tier !== 'network') text.scrollTop = 0;
  announcement.textContent = `Answered from ${tierNames[tier]} in ${formatDuration(answered.whole)}`;
}

export function showSaved(milliseconds: number, whole: number): void {
  const times = Math.round(milliseconds / Math.max(whole, 0.1));
  const ratio = times > 1 ? `, ${times.toLocaleString('en')} times as long` : '';
  saved.textContent = `The provider took ${formatDuration(milliseconds)} for this answer${ratio}.`;
}

export function showStopped(): void {
  write();
  delete text.dataset.state;
  announcement.textContent = 'Stopped';
  showSource('none', 'Stopped', 'by you');
}

export function showFailure(error: unknown): void {
  write();
  text.dataset.state = 'failed';
  const reason = error instanceof Error ? error.message : String(error);
  text.append(reason);
  announcement.textContent = `Failed: ${reason}`;
  showSource('none', 'No answer', 'the request failed');
}

function showSource(tier: Tier | 'none', name: string, how: string): void {
  source.dataset.tier = tier;
  const [, label, clause] = source.children;
  if (label) label.textContent = name;
  if (clause) clause.textContent = how;
}

function write(): void {
  cancelAnimationFrame(frame);
  frame = 0;
  const { source: known, firstByte: first } = unshown;
  if (known) showSource(known.tier, tierNames[known.tier], known.how);
  if (first !== undefined) firstByte.textContent = formatDuration(first);
  unshown = {};
  if (!unwritten) return;
  const atEnd = text.scrollHeight - text.scrollTop - text.clientHeight < 40;
  text.append(unwritten);
  unwritten = '';
  if (atEnd && text.dataset.state === 'asking') text.scrollTop = text.scrollHeight;
}

/** A frame has been drawn. Never resolves in a hidden tab, which draws none. */
function drawn(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

function elapsed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
