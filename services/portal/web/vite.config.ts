import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

/** Where `npm run dev` sends what the portal's own server answers; its address is printed by `make demo`. */
const portal = loadEnv("", ".", "DIARY_").DIARY_PORTAL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  // Nothing is inlined: the portal's content security policy allows no data: and no inline script.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: "es2022", reportCompressedSize: true },
  server: { proxy: { "/api": portal, "/auth": portal, "/live": portal } },
});
