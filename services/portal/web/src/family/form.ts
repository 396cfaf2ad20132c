const FORM = /(?<![\p{L}\d.,-])(1[0-2]|[1-9])(?:[\s-]?[«"]?(\p{Lu})[»"]?|(\p{Ll}))(?![\p{L}\d])/u;

/** The class («7А») that most of these groups' titles name; null where they name none. As reporting reads it. */
export function formOf(titles: readonly string[]): string | null {
  const counted = new Map<string, number>();
  for (const title of titles) {
    const found = FORM.exec(title);
    if (!found) continue;
    const form = `${found[1]}${(found[2] ?? found[3] ?? "").toUpperCase()}`;
    counted.set(form, (counted.get(form) ?? 0) + 1);
  }
  return [...counted].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
