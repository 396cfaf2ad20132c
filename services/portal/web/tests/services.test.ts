import i18next from "i18next";
import { beforeAll, expect, test } from "vitest";
import type { Me } from "../src/api/roster";
import { matching, servicesOf } from "../src/frame/services";
import ru from "../src/i18n/ru.json";

beforeAll(() => i18next.init({ lng: "ru", resources: { ru: { translation: ru } } }));

const school = { school_id: "s", name: "Школа № 1", time_zone: "Europe/Moscow", today: "2026-09-15" };
const teacher = { person_id: "t", name: "Анна", roles: [{ role: "teacher", school_id: "s", school: "Школа № 1" }], children: [], schools: [school] } as unknown as Me;
const child = (id: string, name: string, rights = ["see", "act"]) => ({ person_id: id, name, school_id: "s", grade: "7", rights });
const parent = (...children: ReturnType<typeof child>[]) => ({ person_id: "p", name: "Ольга", roles: [{ role: "parent", school_id: "s", school: "" }], children, schools: [school] }) as unknown as Me;
const names = (me: Me, typed: string) => matching(servicesOf(me), typed).map((one) => one.name);

test("a service is found by its name or by another word for it, from the first letters", () => {
  expect(names(teacher, "жур")).toEqual(["Журнал"]);
  expect(names(teacher, "четв")).toEqual(["Итоги"]);
  expect(names(parent(child("c", "Пётр")), "справка")).toEqual(["Сообщить об отсутствии"]);
});

test("each further word refines", () => {
  const me = parent(child("c", "Пётр"));
  expect(names(me, "календ").length).toBe(1);
  expect(names(me, "кто")).toEqual(["История изменений", "Кто смотрел"]);
  expect(names(me, "кто изменил")).toEqual(["История изменений"]);
  expect(names(me, "кто летает")).toEqual([]);
  expect(names(me, "  ")).toEqual([]);
});

test("of several children each has pages of its own name, and nobody acts without the right", () => {
  const me = parent(child("a", "Пётр Ёлкин"), child("b", "Вера Ёлкина", ["see"]));
  expect(names(me, "оценки")).toEqual(["Оценки: Пётр Ёлкин", "Оценки: Вера Ёлкина"]);
  expect(names(me, "оценки вера")).toEqual(["Оценки: Вера Ёлкина"]);
  expect(names(me, "отсутствии")).toEqual(["Сообщить об отсутствии: Пётр Ёлкин"]);
});

test("what is not for this person is not found", () => {
  expect(names(teacher, "уничтожение")).toEqual([]);
  expect(names(parent(child("c", "Пётр")), "журнал")).toEqual([]);
});
