import type { Diary, DiaryDay, DiaryLesson, SeenMark } from "../api/reporting";

export type Given = { mark: SeenMark; lesson: DiaryLesson };
export type Missed = { lesson: DiaryLesson; on: string };

const DAY = 86_400_000;

/**
 * Marks of the last school day before today and of today, and any given since yesterday for earlier lessons; newest first.
 * `now` is an instant in milliseconds: when a mark was given is told by the true clock, its lesson by the school's. Where
 * the two are days apart, as in a demo, the true clock says nothing of school.
 */
export function newMarks(diary: Diary, today: string, now: number): Given[] {
  const since = schoolDaysUpTo(diary, today).at(-2)?.on ?? today;
  const told = Math.abs(now - Date.parse(today)) < 2 * DAY;
  const fresh = (on: string, at: string) => on >= since || (told && now - Date.parse(at) < DAY);
  const found = diary.days.flatMap((day) =>
    day.lessons.flatMap((lesson) =>
      lesson.marks.filter((m) => m.values.length > 0 && fresh(day.on, m.at)).map((mark) => ({ mark, lesson, on: day.on })),
    ),
  );
  return found.sort((a, b) => b.on.localeCompare(a.on) || b.mark.at.localeCompare(a.mark.at));
}

/** Lessons missed or begun late today and on the school day before, newest first. */
export function missed(diary: Diary, today: string): Missed[] {
  return schoolDaysUpTo(diary, today)
    .slice(-2)
    .reverse()
    .flatMap((day) =>
      day.lessons.filter((l) => l.attendance !== null && l.attendance.state !== "present").map((lesson) => ({ lesson, on: day.on })),
    );
}

function schoolDaysUpTo(diary: Diary, today: string): DiaryDay[] {
  const days = diary.days.filter((d) => d.on <= today && d.lessons.length > 0);
  return days.at(-1)?.on === today ? days : [...days, { on: today, holiday: null, lessons: [] }];
}

/** Today, or on a day without lessons the next that has some. */
export function dayShown(diary: Diary, today: string): DiaryDay | undefined {
  return diary.days.find((d) => d.on >= today && d.lessons.length > 0);
}
