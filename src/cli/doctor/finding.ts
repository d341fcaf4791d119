/** What was looked at, and what came of it. */
export interface Finding {
  readonly what: string;
  readonly result: 'works' | 'note' | 'fails';
  /** What is there; of what fails, what is needed, too. */
  readonly detail: string;
}

export function works(what: string, detail: string): Finding {
  return { what, result: 'works', detail };
}

export function note(what: string, detail: string): Finding {
  return { what, result: 'note', detail };
}

export function fails(what: string, detail: string): Finding {
  return { what, result: 'fails', detail };
}
