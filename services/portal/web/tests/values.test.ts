import i18next from "i18next";
import { beforeAll, describe, expect, test } from "vitest";
import { readMark, showAverage, showValues } from "../src/marks/values";
import ru from "../src/i18n/ru.json";

beforeAll(() => i18next.init({ lng: "ru", resources: { ru: { translation: ru } } }));

describe("what is typed into a mark's cell", () => {
  test.each([
    ["5", "five", "5"],
    ["4/5", "five", "4/5"],
    [" 4 / 5 ", "five", "4/5"],
    ["87,5", "hundred", "87.5"],
    ["87.5", "hundred", "87.5"],
    ["103", "hundred", "103"],
    ["осв", "five", "exempt"],
    ["Н/А", "five", "not-attested"],
    ["n/a", "letters", "not-attested"],
    ["4/н/а", "five", "4/not-attested"],
    [".", "hundred", "missing"],
    ["точка", "five", "missing"],
    ["а-", "letters", "A-"],
    ["b+", "letters", "B+"],
    ["зачёт", "pass", "pass"],
    ["незач", "pass", "fail"],
  ] as const)("«%s» on the scale %s is %s", (typed, scale, value) => {
    expect(readMark(typed, scale)).toEqual({ kind: "mark", value });
  });

  test.each(["н", "Н", "y"])("«%s» is an absence, which belongs to the roll", (typed) => {
    expect(readMark(typed, "five")).toEqual({ kind: "presence", value: "absent" });
  });

  test.each([
    ["6", "five"],
    ["4,5", "five"],
    ["пять", "five"],
    ["1234", "hundred"],
    ["G", "letters"],
    ["5/", "five"],
    ["4/5/4/5/4", "five"],
  ] as const)("«%s» is no mark of the scale %s, and a sentence says why", (typed, scale) => {
    const read = readMark(typed, scale);
    expect(read.kind).toBe("wrong");
    expect(read.kind === "wrong" && read.why).toMatch(/[а-я]{3}/);
  });

  test("nothing typed is nothing", () => expect(readMark("  ", "five")).toEqual({ kind: "empty" }));
});

test("values are shown as people write them", () => {
  expect(showValues(["4", "not-attested"])).toBe("4/н/а");
  expect(showValues(["74.00"])).toBe("74");
  expect(showValues(["74.5", "missing"])).toBe("74,5/•");
  expect(showAverage("4.67")).toBe("4,67");
  expect(showAverage("5×2 + 4×1 = 14; 14 / 3 = 4.67")).toBe("5×2 + 4×1 = 14; 14 / 3 = 4,67");
  expect(showAverage(null)).toBe("–");
});
