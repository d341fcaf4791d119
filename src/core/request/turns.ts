/// <reference path="../lru-cache.d.ts" />
import LRUCache from 'lru-cache';
import { atTurn, keyOf } from '../key/key.ts';
import type { Question } from './question.ts';

/** Answers of one question that are told apart: what is asked more often is the last one again. */
const mostTurns = 100;

/** Counts identical calls, of the last 1000 questions. Forgotten with the worker. */
export class Turns {
  readonly #taken = new LRUCache<string, number>({ max: 1000 });

  /** How many calls of this name came before, and counts this one. */
  take(name: string): number {
    const before = this.#taken.get(name) ?? 0;
    this.#taken.set(name, before + 1);
    return before;
  }
}

/** The same question asked once more: its n-th answer is an entry of its own. */
export async function questionAt(question: Question, turn: number): Promise<Question> {
  if (turn === 0) return question;
  const material = atTurn(question.material, turn);
  return { ...question, turn, material, key: await keyOf(material, question.read.shape) };
}

/**
 * Which of a page's identical calls this is: cassettes and recordings tell them apart. While recording, each is an entry
 * of its own.
 */
export async function inSequence(turns: Turns, question: Question): Promise<Question> {
  const { call, key, page } = question;
  const isRecorded = page.mode === 'record';
  if (!isRecorded && page.cassette.length === 0) return question;
  const turn = Math.min(turns.take(`${page.session || call.client} ${key}`), mostTurns - 1);
  return isRecorded ? questionAt(question, turn) : { ...question, turn };
}
