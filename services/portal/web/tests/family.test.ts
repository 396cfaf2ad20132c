import { expect, test } from "vitest";
import type { Diary, DiaryLesson, SeenMark } from "../src/api/reporting";
import { formOf } from "../src/family/form";
import { dayShown, missed, newMarks } from "../src/family/news";

const mark = (work_id: string, at: string, values = ["5"]) => ({ work_id, at, values }) as SeenMark;
const lesson = (given: SeenMark[], state?: "absent") =>
  ({ lesson_id: "x", marks: given, attendance: state ? { state, minutes: null, reason: null, was: [] } : null }) as unknown as DiaryLesson;
const day = (on: string, ...lessons: DiaryLesson[]) => ({ on, holiday: null, lessons });
const TODAY = "2026-12-07"; // a Monday
const NOW = Date.parse("2026-12-07T10:00:00Z");
const OLD = "2026-11-01T10:00:00Z";

test("new marks are those of today, of the school day before a weekend, and those given since yesterday", () => {
  const diary: Diary = {
    days: [
      day("2026-12-02", lesson([mark("late", "2026-12-07T08:00:00Z"), mark("known", OLD)])),
      day("2026-12-04", lesson([mark("friday", OLD), mark("taken back", OLD, [])])),
      day("2026-12-05"),
      day(TODAY, lesson([mark("today", OLD)])),
    ],
  };
  expect(newMarks(diary, TODAY, NOW).map(({ mark: m }) => m.work_id)).toEqual(["today", "friday", "late"]);
});

test("absences are those of today and of the school day before", () => {
  const diary: Diary = { days: [day("2026-12-03", lesson([], "absent")), day("2026-12-04", lesson([], "absent")), day(TODAY, lesson([]))] };
  expect(missed(diary, TODAY).map((one) => one.on)).toEqual(["2026-12-04"]);
});

test("on a day without lessons the next that has some is shown", () => {
  const diary: Diary = { days: [day("2026-12-06"), day(TODAY, lesson([]))] };
  expect(dayShown(diary, "2026-12-06")?.on).toBe(TODAY);
});

test("a child's class is the one that most of its groups name", () => {
  expect(formOf(["7А Алгебра", "7А Английский язык, группа 2", "8Б хор", "Algebra I 02"])).toBe("7А");
  expect(formOf(["10-Б физика"])).toBe("10Б");
  expect(formOf(["7-е классы русский язык", "Хор, 2024"])).toBeNull();
});
