import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Collection, ComboBox, Header, Input, Label, ListBox, ListBoxItem, ListBoxSection, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import * as roster from "../api/roster";
import { gradeOf } from "./children";
import { useRested } from "./rested";
import { matching, servicesOf } from "./services";
import { isStaff, useMe } from "./who";

const MOST = 12; // people in the list
const SERVICES = 8;

type Item = { id: string; name: string; beside: string };
type Part = { id: string; name: string; items: Item[] };

/** One line for services and pages, and for the staff a pupil by surname or identifier; it filters as one types, a choice opens. */
export function Search({ begin }: { begin: boolean }) {
  const { t, i18n } = useTranslation();
  const go = useNavigate();
  const me = useMe();
  const staff = isStaff(me);
  const [text, setText] = useState("");
  const asked = useRested(text.trim(), 200);
  const long = staff && (asked.length >= 2 || /^\d+$/.test(asked)); // what the roster searches by
  const found = useQuery({
    queryKey: ["persons", asked],
    queryFn: ({ signal }) => roster.persons(asked, signal),
    enabled: long,
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  const services = useMemo(() => servicesOf(me), [me, i18n.language]);
  const people = long ? (found.data ?? []).filter((p) => p.roles.includes("pupil")).slice(0, MOST) : [];
  const pages = matching(services, text).slice(0, SERVICES);
  const all: Part[] = [
    { id: "services", name: t("search.services"), items: pages.map(({ to, name }) => ({ id: to, name, beside: "" })) },
    {
      id: "pupils",
      name: t("search.pupils"),
      items: people.map((p) => ({ id: `/pupils/${p.person_id}/diary`, name: p.name, beside: [p.grade && gradeOf(p.grade), p.identifier].filter(Boolean).join(" · ") })),
    },
  ];
  const hint = text.trim() === "" ? t("search.hint") : found.isError ? t("search.failed") : long && found.isFetching ? t("state.loading") : t("search.nothing");
  return (
    <ComboBox
      className="search"
      items={all.filter((part) => part.items.length > 0)}
      inputValue={text}
      onInputChange={setText}
      selectedKey={null}
      allowsEmptyCollection // the list opens with the first letter and fills when the roster has answered
      menuTrigger="input"
      onSelectionChange={(key) => {
        if (key === null) return;
        setText("");
        void go(String(key));
        // to what was found, and the list closes; later, for after a click the line takes the focus back
        setTimeout(() => document.getElementById("page")?.focus());
      }}
    >
      <Label className="unseen">{t("search.label")}</Label>
      <Input className="input" placeholder={t(staff ? "search.placeholder" : "search.placeholderFamily")} type="search" spellCheck="false" autoComplete="off" autoFocus={begin} />
      <Popover className="found" offset={4}>
        <ListBox<Part> renderEmptyState={() => <p className="found-none soft">{hint}</p>}>
          {(part) => (
            <ListBoxSection id={part.id}>
              <Header className="found-head soft small">{part.name}</Header>
              <Collection items={part.items}>
                {(item) => (
                  <ListBoxItem id={item.id} textValue={item.name} className="found-item">
                    <span>{item.name}</span>
                    {item.beside && <span className="soft small">{item.beside}</span>}
                  </ListBoxItem>
                )}
              </Collection>
            </ListBoxSection>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
