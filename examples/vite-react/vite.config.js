import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const taskwire = process.env.TASKWIRE_URL ?? 'http://localhost:8788';

export default defineConfig({
  plugins: [react()],
  server: {
    // For development. Your backend knows who its users are, and where they get their tokens.
    proxy: { '/issuer/token': { target: taskwire, changeOrigin: true, headers: { origin: taskwire } } },
  },
});
