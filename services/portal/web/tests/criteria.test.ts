import i18next from "i18next";
import { beforeAll, expect, test } from "vitest";
import ru from "../src/i18n/ru.json";
import { readPoints, showReached, typingAt } from "../src/marks/criteria";

const CRITERIA = [
  { code: "A", most: 8 },
  { code: "B", most: 8 },
  { code: "C", most: 6 },
];
beforeAll(() => i18next.init({ lng: "ru", resources: { ru: { translation: ru } }, interpolation: { escapeValue: false } }));

test.each(["6 7 5", "6/7/5", " 6, 7, 5 ", "6  7 05"])("«%s» is points in the order of the head", (typed) => {
  expect(readPoints(typed, CRITERIA)).toEqual({ kind: "mark", value: "6/7/5", criteria: { A: 6, B: 7, C: 5 } });
});

test.each([
  ["н/а", "not-attested"],
  ["осв", "exempt"],
  [".", "missing"],
])("the code «%s» stands for the whole mark", (typed, value) => {
  expect(readPoints(typed, CRITERIA)).toEqual({ kind: "mark", value });
});

test("«н» belongs to the roll here too", () => {
  expect(readPoints("н", CRITERIA)).toEqual({ kind: "presence", value: "absent" });
});

test.each([
  ["6 9 5", "B: целое число от 0 до 8", undefined],
  ["6 7,5 5", "В этой работе только 3 критерия", undefined],
  ["6 х", "B: целое число от 0 до 8", undefined],
  ["6 7", "Не хватает баллов по критерию C (от 0 до 6)", true],
])("«%s» is told as «%s»", (typed, why, more) => {
  expect(readPoints(typed, CRITERIA)).toEqual({ kind: "wrong", why, ...(more ? { more } : {}) });
});

test.each([
  ["", 0],
  ["6", 0],
  ["6 ", 1],
  ["6/7", 1],
  ["6 7 5 ", 3],
])("after «%s» criterion %i is being typed", (typed, at) => {
  expect(typingAt(typed, CRITERIA)).toBe(at);
});

test("points are shown with what they are out of", () => {
  expect(showReached([{ code: "A", points: 6, most: 8 }, { code: "B", points: 7, most: 8 }])).toBe("A\u00a06/8 · B\u00a07/8");
});
