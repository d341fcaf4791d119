import { startChat } from '../chat.js';

startChat();

navigator.serviceWorker.register('/sw.js', { type: 'module' });

const progress = document.querySelector('#progress');
const show = ({ text }) => {
  progress.textContent = text;
};

document.querySelector('#load').addEventListener('click', async () => {
  const { CreateServiceWorkerMLCEngine } = await import('@mlc-ai/web-llm');
  try {
    const engine = await CreateServiceWorkerMLCEngine('Llama-3.2-1B-Instruct-q4f16_1-MLC', {
      initProgressCallback: show,
    });
    show({ text: await engine.getMessage() });
  } catch (error) {
    show({ text: String(error) });
  }
});
