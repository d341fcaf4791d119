import { anthropic } from './anthropic.ts';
import { bedrock } from './bedrock.ts';
import { cohere, cohereV1 } from './cohere.ts';
import type { Format } from './format.ts';
import { gemini } from './gemini.ts';
import { generic } from './generic.ts';
import { lmStudio } from './lm-studio.ts';
import { ollama } from './ollama.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiPlain } from './openai-plain.ts';
import { openaiResponses } from './openai-responses.ts';
import type { FormatName } from './paths.ts';
import { uiMessage } from './ui-message.ts';

/** Every wire format, by name. The page needs the names alone (paths.ts), so that it stays small. */
export const formats: Readonly<Record<FormatName, Format>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'openai-plain': openaiPlain,
  anthropic,
  gemini,
  bedrock,
  ollama,
  'lm-studio': lmStudio,
  cohere,
  'cohere-v1': cohereV1,
  'ui-message': uiMessage,
  generic,
};
