/** One key a state, the same key on either keyboard layout: «н» is also «y». English words have their own first letters besides. */
const KEYS: Record<string, string> = {
  н: "absent", y: "absent", a: "absent", ф: "absent",
  о: "late", j: "late", l: "late", д: "late",
  б: "absent/illness", ",": "absent/illness", i: "absent/illness", ш: "absent/illness",
  у: "absent/excused", e: "absent/excused",
  п: "present", g: "present", p: "present", з: "present", " ": "present",
};

export function stateOfKey(key: string): string | null {
  return KEYS[key.toLowerCase()] ?? null;
}

/** A digit typed at a late pupil: minutes grow to the right and begin anew when they would pass what a lesson can hold. */
export function withDigit(value: string, digit: string): string {
  const minutes = /^late:(\d+)/.exec(value)?.[1] ?? "";
  const next = Number(minutes + digit);
  if (next === 0) return "late";
  return `late:${next <= 240 ? next : Number(digit)}`;
}
