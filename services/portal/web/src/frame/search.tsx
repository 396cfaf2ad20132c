import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import * as roster from "../api/roster";

/** Finds a pupil by the first letters of the surname or by identifier, as one types; a choice opens the diary. */
export function Search() {
  const { t } = useTranslation();
  const go = useNavigate();
  const [text, setText] = useState("");
  const asked = useRested(text.trim(), 200);
  const found = useQuery({
    queryKey: ["persons", asked],
    queryFn: ({ signal }) => roster.persons(asked, signal),
    enabled: asked.length >= 2,
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  const people = asked.length < 2 ? [] : (found.data ?? []);
  const hint = found.isError ? t("search.failed") : found.isFetching ? t("state.loading") : t("search.nobody");
  return (
    <ComboBox
      className="search"
      items={people}
      inputValue={text}
      onInputChange={setText}
      selectedKey={null}
      allowsEmptyCollection={asked.length >= 2}
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
        <ListBox<roster.Person> renderEmptyState={() => <p className="found-none soft">{hint}</p>}>
          {(person) => (
            <ListBoxItem id={person.person_id} textValue={person.name} className="found-item">
              <span>{person.name}</span>
              <span className="soft small">{[person.grade && t("children.grade", { grade: person.grade }), person.identifier].filter(Boolean).join(" · ")}</span>
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
