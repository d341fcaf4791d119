import { jsonSchema, tool } from 'ai';

const today: Readonly<Record<string, string>> = {
  Bergen: 'rain, 9 °C, wind from the west',
  Lisbon: 'clear, 21 °C, a light breeze',
  Tallinn: 'fog, 4 °C, calm',
};

/** Stands for a service of the app's own. */
export const weather = tool({
  description: 'The weather in a harbour town today',
  inputSchema: jsonSchema<{ town: string }>({
    type: 'object',
    properties: { town: { type: 'string' } },
    required: ['town'],
    additionalProperties: false,
  }),
  execute: async ({ town }) => today[town] ?? 'unknown',
});
