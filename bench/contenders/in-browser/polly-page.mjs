import FetchAdapter from '@pollyjs/adapter-fetch';
import { Polly } from '@pollyjs/core';
import LocalStoragePersister from '@pollyjs/persister-local-storage';

Polly.register(FetchAdapter);
Polly.register(LocalStoragePersister);
let polly;

/** An empty recording. */
export async function begin() {
  await polly?.stop().catch(() => {});
  localStorage.clear();
  open();
}

/** Stores what was recorded and replays it from now on. Resolves with why it cannot, where it does not fit. */
export async function settle() {
  try {
    await polly.stop();
  } catch (error) {
    if (error.name !== 'QuotaExceededError') throw error;
    return 'does not fit: localStorage holds 5 million characters';
  }
  open();
  return undefined;
}

function open() {
  polly = new Polly('bench', {
    adapters: ['fetch'],
    persister: 'local-storage',
    recordIfMissing: true,
    matchRequestsBy: { order: false },
    logLevel: 'silent',
  });
  polly.server.any().on('beforeResponse', ({ action }, response) => {
    if (action === 'replay') response.setHeader('x-answered-by', 'polly');
  });
}
