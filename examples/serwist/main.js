import { startChat } from '../chat.js';

startChat();

navigator.serviceWorker.register('/sw.js');
