import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const backend = `http://127.0.0.1:${process.env["MASKLOOM_PORT"] ?? "8000"}`;

// biome-ignore lint/style/noDefaultExport: Vite reads its configuration from the default export.
export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  worker: { format: "es" },
  build: {
    target: "es2023",
    sourcemap: true,
    // The content security policy allows fonts and images from this origin only as files.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: {
    host: "127.0.0.1",
    // The backend refuses a foreign Host and Origin.
    proxy: { "/api": { target: backend, changeOrigin: true, headers: { origin: backend } } },
  },
  test: {
    restoreMocks: true,
    testTimeout: 30_000,
    // A test reads the colours.
    css: { include: /tokens\.css/ },
    // Stands in for the focused-test lint, which takes the viewport's fit() for a focused test.
    allowOnly: false,
    // Logic needs no document, and starting one costs more than the tests themselves.
    projects: [
      { extends: true, test: { name: "logic", environment: "node", include: ["src/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "components",
          environment: "jsdom",
          include: ["src/**/*.test.tsx"],
          setupFiles: "./vitest.setup.ts",
        },
      },
    ],
  },
});
