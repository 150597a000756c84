import { defineConfig } from 'vite';

/** The page at `/`, as the edge serves it: files whose names say what is in them, and nothing inline, which the CSP forbids. */
export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  build: {
    target: 'es2022',
    // As files: the page's CSP takes images from its own origin alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Kilobytes, before compression: two thirds are React and Base UI, which each visit needs.
    chunkSizeWarningLimit: 700,
    // Of "use client", which says nothing to a page that no server renders.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  server: {
    // For work on the page, beside `npm start`.
    proxy: Object.fromEntries(
      ['/tasks', '/events', '/presence', '/sse', '/issuer', '/config.json'].map((path) => [
        path,
        { target: 'http://localhost:8788', changeOrigin: true, headers: { origin: 'http://localhost:8788' } },
      ]),
    ),
  },
});
