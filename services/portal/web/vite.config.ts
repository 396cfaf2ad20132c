import react from "@vitejs/plugin-react";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { defineConfig, loadEnv, type HtmlTagDescriptor, type Plugin, type Rollup } from "vite";

/** Where `npm run dev` sends what the portal's own server answers; its address is printed by `make demo`. */
const portal = loadEnv("", ".", "DIARY_").DIARY_PORTAL ?? "http://127.0.0.1:8000";

/** What a family opens first. Its parts are fetched with the entry and not after it has been read. */
const FIRST = ["src/diary/page.tsx", "src/i18n/ru.json"];
const EARLY = "src/early.ts";

/** In the head: the early questions before all else, then the parts of the first view. */
function head(): Plugin {
  return {
    name: "head",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((one): one is Rollup.OutputChunk => one.type === "chunk");
        const of = (source: string) => chunks.find((c) => (c.facadeModuleId ?? c.moduleIds.at(-1) ?? "").endsWith(source));
        const early = of(EARLY);
        const wanted = new Set(FIRST.flatMap((source) => withImports(of(source), chunks)));
        const entry = new Set(withImports(chunks.find((c) => c.isEntry && c !== early), chunks));
        const tags: HtmlTagDescriptor[] = [...wanted].filter((name) => !entry.has(name)).map((name) => preload(name));
        const styles = new Set([...wanted].flatMap((name) => [...(chunks.find((c) => c.fileName === name)?.viteMetadata?.importedCss ?? [])]));
        tags.push(...[...styles].map((name): HtmlTagDescriptor => ({ tag: "link", attrs: { rel: "preload", as: "style", crossorigin: true, href: `/${name}` } })));
        if (early) tags.unshift({ tag: "script", attrs: { type: "module", async: true, crossorigin: true, src: `/${early.fileName}` }, injectTo: "head-prepend" });
        return tags;
      },
    },
  };
}

const preload = (name: string): HtmlTagDescriptor => ({ tag: "link", attrs: { rel: "modulepreload", crossorigin: true, href: `/${name}` } });

function withImports(chunk: Rollup.OutputChunk | undefined, all: Rollup.OutputChunk[]): string[] {
  if (!chunk) return [];
  return [chunk.fileName, ...chunk.imports.flatMap((name) => withImports(all.find((c) => c.fileName === name), all))];
}

/** Tells the service worker of which parts the application is made. */
function shell(): Plugin {
  return {
    name: "shell",
    apply: "build",
    writeBundle() {
      // what is in the folder, and not what was in the bundle: parts without any code of their own are not written
      const parts = readdirSync(join("dist", "assets")).filter((name) => !/[.](br|map)$/.test(name));
      const all = [...parts.map((name) => `/assets/${name}`), "/icon.svg", "/manifest.webmanifest"];
      const worker = join("dist", "sw.js");
      writeFileSync(worker, readFileSync(worker, "utf8").replaceAll("__SHELL__", JSON.stringify(all)));
    },
  };
}

/** Beside each text of the build the same in brotli, as small as it gets: the portal has no time for that. */
function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    closeBundle() {
      for (const file of readdirSync("dist", { recursive: true, encoding: "utf8" })) {
        if (!/[.](js|css|html|svg|json|txt)$/.test(file)) continue;
        const body = readFileSync(join("dist", file));
        if (body.length < 1000) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
        writeFileSync(join("dist", `${file}.br`), brotliCompressSync(body, { params }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), head(), shell(), packed()],
  // Nothing is inlined: the portal's content security policy allows no data: and no inline script.
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    reportCompressedSize: true,
    rollupOptions: {
      input: { index: "index.html", early: EARLY, sw: "src/sw.ts" },
      output: { entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  server: { proxy: { "/api": portal, "/auth": portal, "/live": portal } },
});
