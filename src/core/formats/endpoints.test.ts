import { expect, test } from 'vitest';
import { createMatcher } from './endpoints.ts';
import { namedFormat } from './paths.ts';

const matcher = createMatcher([], []);

test.each([
  ['openai-chat', 'https://api.openai.com/v1/chat/completions'],
  ['openai-chat', 'https://api.openai.com/v1/chat/completions/'],
  ['openai-chat', 'https://api.openai.com/v1/chat/completions?a=b'],
  ['openai-chat', 'https://api.openai.com/v1/completions'],
  ['openai-chat', 'https://api.groq.com/openai/v1/chat/completions'],
  ['openai-chat', 'https://api.deepseek.com/chat/completions'],
  ['openai-chat', 'https://api.perplexity.ai/chat/completions'],
  ['openai-chat', 'https://openrouter.ai/api/v1/chat/completions'],
  ['openai-chat', 'https://router.huggingface.co/v1/chat/completions'],
  ['openai-chat', 'https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21'],
  ['openai-chat', 'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions'],
  ['openai-chat', 'http://localhost:8080/v1/chat/completions'],
  ['openai-responses', 'https://api.openai.com/v1/responses'],
  ['openai-responses', 'https://r.openai.azure.com/openai/v1/responses'],
  ['openai-plain', 'https://api.openai.com/v1/embeddings'],
  ['openai-plain', 'https://api.openai.com/v1/moderations'],
  ['openai-plain', 'https://api.openai.com/v1/images/generations'],
  ['openai-plain', 'https://api.openai.com/v1/audio/speech'],
  ['openai-plain', 'https://api.openai.com/v1/audio/transcriptions'],
  ['openai-plain', 'https://api.openai.com/v1/audio/translations'],
  ['anthropic', 'https://api.anthropic.com/v1/messages'],
  ['anthropic', 'https://api.anthropic.com/v1/messages?beta=true'],
  ['anthropic', 'https://api.deepseek.com/anthropic/v1/messages'],
  ['anthropic', 'https://openrouter.ai/api/v1/messages'],
  ['anthropic', 'http://localhost:11434/v1/messages'],
  ['gemini', 'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent'],
  ['gemini', 'https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse&key=k'],
  ['gemini', 'https://generativelanguage.googleapis.com/v1beta/models/m%3AgenerateContent'],
  ['gemini', 'https://generativelanguage.googleapis.com/v1beta/models/m:embedContent'],
  ['gemini', 'https://generativelanguage.googleapis.com/v1beta/models/m:batchEmbedContents'],
  [
    'gemini',
    'https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/m:generateContent',
  ],
  ['ollama', 'http://localhost:11434/api/chat'],
  ['ollama', 'http://127.0.0.1:11434/api/generate'],
  ['ollama', 'http://gpu.lan:11434/api/embed'],
  ['ollama', 'http://localhost:11434/api/embeddings'],
  ['ollama', 'https://ollama.com/api/chat'],
  ['cohere', 'https://api.cohere.com/v2/chat'],
  ['cohere', 'https://api.cohere.ai/v2/chat'],
])('createMatcher takes %s: %s', (format, url) => {
  expect(matcher(new URL(url))).toEqual({ format, named: false });
});

test.each([
  'https://api.openai.com/v1/models',
  'https://api.openai.com/v1/responses/resp_1',
  'https://api.openai.com/v1/responses/resp_1/cancel',
  'https://api.openai.com/v1/responses/compact',
  'https://api.openai.com/v1/responses/input_tokens',
  'https://api.openai.com/v1/threads/thread_1/messages',
  'https://api.openai.com/v1/threads/thread_1/runs',
  'https://api.openai.com/v1/assistants',
  'https://api.openai.com/v1/conversations',
  'https://api.openai.com/v1/files',
  'https://api.openai.com/v1/files/file-1/content',
  'https://api.openai.com/v1/uploads',
  'https://api.openai.com/v1/batches',
  'https://api.openai.com/v1/fine_tuning/jobs',
  'https://api.openai.com/v1/containers',
  'https://api.openai.com/v1/vector_stores',
  'https://api.openai.com/v1/evals',
  'https://api.openai.com/v1/videos',
  'https://api.openai.com/v1/realtime/client_secrets',
  'https://api.openai.com/v1/realtime/calls',
  'https://api.openai.com/v1/traces/ingest',
  'https://api.openai.com/v1/chat/completions/chatcmpl-1',
  'https://api.anthropic.com/v1/messages/count_tokens',
  'https://api.anthropic.com/v1/messages/batches',
  'https://api.anthropic.com/v1/messages/batches/b/results',
  'https://chat.example/messages',
  'https://chat.example/v1/rooms/messages',
  'https://api.mistral.ai/v1/agents/completions',
  'https://api.mistral.ai/v1/conversations',
  'https://generativelanguage.googleapis.com/v1beta/models/m:batchGenerateContent',
  'https://generativelanguage.googleapis.com/v1beta/models/m:countTokens',
  'https://generativelanguage.googleapis.com/v1beta/models/m:predictLongRunning',
  'https://generativelanguage.googleapis.com/v1beta/models/m',
  'https://generativelanguage.googleapis.com/v1beta/interactions',
  'https://generativelanguage.googleapis.com/v1beta/cachedContents',
  'https://generativelanguage.googleapis.com/v1beta/files',
  'https://generativelanguage.googleapis.com/upload/v1beta/files',
  'https://app.example/api/chat',
  'http://localhost:3000/api/chat',
  'http://localhost:3000/api/generate',
  'http://localhost:3000/api/embeddings',
  'https://ollama.com.example/api/chat',
  'http://localhost:11434/api/pull',
  'http://localhost:11434/api/push',
  'http://localhost:11434/api/create',
  'http://localhost:11434/api/delete',
  'http://localhost:11434/api/copy',
  'http://localhost:11434/api/blobs/sha256:1',
  'http://localhost:11434/api/tags',
  'http://localhost:1234/api/v1/models/load',
  'https://app.example/v2/chat',
  'https://api.cohere.com.example/v2/chat',
  'https://app.example/',
  'https://app.example/completionsx',
  'https://app.example/my-completions',
  'https://app.example/embeddings.json',
])('createMatcher leaves %s alone', (url) => {
  expect(matcher(new URL(url))).toBeUndefined();
});

test.each([
  'wss://api.openai.com/v1/chat/completions',
  'ws://localhost:11434/api/chat',
  'blob:https://api.openai.com/v1/chat/completions',
  'data:text/plain,/v1/chat/completions',
  'file:///v1/chat/completions',
  'chrome-extension://abc/v1/chat/completions',
])('createMatcher leaves every other scheme alone: %s', (url) => {
  expect(matcher(new URL(url))).toBeUndefined();
});

test.each([
  ['openai-chat', 'https://llm.example/v1/chat/completions'],
  ['anthropic', 'https://llm.example/v1/messages'],
  ['ollama', 'http://gpu.lan:8080/api/generate'],
  ['cohere', 'https://llm.example/v2/chat'],
  ['generic', 'https://app.example/api/ask'],
  ['generic', 'https://app.example/'],
])('namedFormat knows the family of a URL the app named, else the generic one: %s for %s', (format, url) => {
  expect(namedFormat(new URL(url))).toBe(format);
});
