/**
 * A lock by this name: each work runs alone among all workers that ask for it (Web Locks); a worker that dies lets go of it.
 * Where there are no Web Locks, or they are refused, each runs alone in this worker.
 */
export function lockNamed(name: string): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async <T>(work: () => Promise<T>) => {
    let isHeld = false;
    const begin = () => {
      isHeld = true;
      return work();
    };
    try {
      return (await navigator.locks.request(name, begin)) as T;
    } catch (error) {
      if (isHeld) throw error;
      const run = last.then(work);
      const ended = () => {};
      last = run.then(ended, ended);
      return run;
    }
  };
}
