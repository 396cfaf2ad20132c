import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import en from "../src/i18n/en.json";
import ru from "../src/i18n/ru.json";

const PLURAL = /_(one|few|many|other)$/;

function keys(words: object, before = ""): string[] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "object" ? keys(value, `${before}${key}.`) : [`${before}${key}`.replace(PLURAL, "")],
  );
}

test("both languages have the same words", () => {
  expect([...new Set(keys(en))].sort()).toEqual([...new Set(keys(ru))].sort());
});

test("every plural has all its forms", () => {
  const forms = (words: object, name: string) => JSON.stringify(words).match(new RegExp(`"\\w+_${name}"`, "g"))?.length ?? 0;
  for (const name of ["few", "many", "other"]) expect(forms(ru, name)).toBe(forms(ru, "one"));
  expect(forms(en, "other")).toBe(forms(en, "one"));
});

test("every word the pages ask for is there", () => {
  const known = new Set(keys(ru));
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
  const asked = files.flatMap((name) => [...readFileSync(join("src", name), "utf8").matchAll(/\bt\("([\w.]+)"/g)].map((found) => found[1]));
  expect(asked.length).toBeGreaterThan(100);
  expect(asked.filter((key) => !known.has(key ?? ""))).toEqual([]);
});
