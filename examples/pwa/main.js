import { registerSW } from 'virtual:pwa-register';
import { startChat } from '../chat.js';

startChat();

// Asks before a newer version takes over. Refrain never decides that.
const update = registerSW({
  onNeedRefresh() {
    if (confirm('A new version is there. Load it?')) update();
  },
});
