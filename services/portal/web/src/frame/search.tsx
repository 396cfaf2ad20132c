import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import * as roster from "../api/roster";
import { gradeOf } from "./children";

const MOST = 12; // people in the list

/** Finds a pupil by the first letters of the surname or by identifier, as one types; a choice opens the diary. */
export function Search() {
  const { t } = useTranslation();
  const go = useNavigate();
  const [text, setText] = useState("");
  const asked = useRested(text.trim(), 200);
  const long = asked.length >= 2 || /^\d+$/.test(asked); // what the roster searches by
  const found = useQuery({
    queryKey: ["persons", asked],
    queryFn: ({ signal }) => roster.persons(asked, signal),
    enabled: long,
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  const people = long ? (found.data ?? []).filter((p) => p.roles.includes("pupil")).slice(0, MOST) : [];
  const hint = !long ? t("search.placeholder") : found.isError ? t("search.failed") : found.isFetching ? t("state.loading") : t("search.nobody");
  return (
    <ComboBox
      className="search"
      items={people}
      inputValue={text}
      onInputChange={setText}
      selectedKey={null}
      allowsEmptyCollection // the list opens with the first letter and fills when the roster has answered
      menuTrigger="input"
      onSelectionChange={(key) => {
        if (key === null) return;
        setText("");
        void go(`/pupils/${String(key)}/diary`);
      }}
    >
      <Label className="unseen">{t("search.label")}</Label>
      <Input className="input" placeholder={t("search.placeholder")} type="search" spellCheck="false" autoComplete="off" />
      <Popover className="found" offset={4}>
        <ListBox<roster.Found> renderEmptyState={() => <p className="found-none soft">{hint}</p>}>
          {(person) => (
            <ListBoxItem id={person.person_id} textValue={person.name} className="found-item">
              <span>{person.name}</span>
              <span className="soft small">{[person.grade && gradeOf(person.grade), person.identifier].filter(Boolean).join(" · ")}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

/** The value once it has not changed for `rest` milliseconds. */
function useRested(value: string, rest: number): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), rest);
    return () => clearTimeout(timer);
  }, [value, rest]);
  return rested;
}
