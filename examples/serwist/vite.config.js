import { defineConfig } from 'vite';
import { workerBesidePage } from '../worker-beside-page.js';

export default defineConfig({ build: workerBesidePage });
