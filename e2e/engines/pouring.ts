import { answerOf, openaiChat, type Question } from '../answers.ts';
import type { Gate } from '../upstream.ts';

/** Lets a piece through every so many milliseconds, then whatever is left. */
export async function pour(gate: Gate, pieces: number, every: number): Promise<void> {
  for (let i = 0; i < pieces; i++) {
    await new Promise((resolve) => setTimeout(resolve, every));
    gate.release();
  }
  gate.open();
}

/** A stream whose text comes in so many pieces. */
export function longAnswer(question: Question, pieces: number) {
  const answer = answerOf(openaiChat, question, 'A thought.');
  const [first = '', middle = '', ...rest] = answer.chunks as string[];
  return { ...answer, chunks: [first, ...Array<string>(pieces).fill(middle), ...rest.slice(1)] };
}
