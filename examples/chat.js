const api = new URLSearchParams(location.hash.slice(1)).get('api') ?? 'http://localhost:11434';

/** A chat as any app has it: it knows nothing of Refrain. */
async function ask(prompt) {
  const response = await fetch(`${api}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'llama3.2', messages: [{ role: 'user', content: prompt }] }),
  });
  if (!response.ok) throw new Error(`Cannot answer: ${response.status} ${response.statusText}`);
  const { choices } = await response.json();
  return { text: choices[0].message.content, from: response.headers.get('cache-status') ?? 'no cache' };
}

/** Answers the page's form. */
export function startChat() {
  const form = document.querySelector('form');
  const output = document.querySelector('output');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    output.textContent = '…';
    try {
      const { text, from } = await ask(new FormData(form).get('prompt'));
      output.textContent = `${text} (${from})`;
    } catch (error) {
      output.textContent = `${error} (no answer)`;
    }
  });
}
