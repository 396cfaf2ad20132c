import { expect, test } from "vitest";
import { dayOf } from "../src/calendar";

test("the day of an instant is that of the place, however far the reader is", () => {
  const night = new Date("2026-11-30T21:04:00Z");
  expect(dayOf(night, "UTC")).toBe("2026-11-30");
  expect(dayOf(night, "Europe/Moscow")).toBe("2026-12-01");
  expect(dayOf(night, "Asia/Kamchatka")).toBe("2026-12-01");
  expect(dayOf(new Date("2026-12-01T03:00:00Z"), "America/Detroit")).toBe("2026-11-30");
});
