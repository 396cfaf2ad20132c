import { expect, test } from "vitest";
import { goalOf, needed, nextGoal, sumOf, termOf, type Term } from "../src/marks/wanted";

const five = (...marks: [value: string, weight: string][]) => marks.map(([value, weight]) => termOf(value, weight, "five")).filter((one): one is Term => one !== null);

test("the sum is the service's own: weighted, rounded half up, codes left out", () => {
  expect(sumOf(five(["5", "2"], ["4", "1"], ["exempt", "3"]))?.average).toBe(467);
  expect(sumOf(five(["4", "1"], ["5", "1"], ["4", "1"], ["5", "1"], ["4", "1"], ["5", "1"], ["4", "1"], ["4", "1"]))?.average).toBe(438); // 4.375
  expect(sumOf(five(["exempt", "1"]))).toBe(null);
});

test("so many fives make of it what is wished, and fours never do", () => {
  const terms = five(["4", "1"], ["4", "1"], ["3", "1"]);
  const [mark, four] = five(["5", "1"], ["4", "1"]) as [Term, Term];
  expect(needed(terms, mark, 450)).toEqual({ count: 5, average: 450 });
  expect(needed(terms, four, 450)).toBe(null);
  expect(needed(terms, mark, 350)).toEqual({ count: 0, average: 367 });
});

test("a heavier work counts as heavy", () => {
  const [mark] = five(["5", "2,5"]) as [Term];
  expect(needed(five(["4", "1"], ["4", "1"], ["3", "1"]), mark, 450)).toEqual({ count: 2, average: 450 });
});

test("a goal is a number of the scale", () => {
  expect([goalOf("4,5", "five"), goalOf("4.50", "five"), goalOf("5,1", "five"), goalOf("0", "five"), goalOf("пять", "five"), goalOf("87", "hundred")]).toEqual([450, 450, null, null, null, 8700]);
  expect([nextGoal(367, "five"), nextGoal(450, "five"), nextGoal(null, "five"), nextGoal(7400, "hundred")]).toEqual(["4.5", "5", "2.5", "80"]);
});
