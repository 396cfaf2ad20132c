import { useQuery } from "@tanstack/react-query";
import { ComboBox, Header, Input, Label, ListBox, ListBoxItem, ListBoxSection, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Whose } from "../api/lessons";
import * as roster from "../api/roster";
import { useNames } from "../frame/names";
import { isTeacher, useMe } from "../frame/who";

/** Chooses the class or the teacher whose week is shown, by typing a part of the name; the choice goes into the address. */
export function Choose({ whose, today }: { whose: Whose | null; today: string }) {
  const { t } = useTranslation();
  const me = useMe();
  const [, setSearch] = useSearchParams();
  const groups = useQuery({ queryKey: ["groups", "all"], queryFn: () => roster.groups(false), staleTime: 300_000 });
  const all = (groups.data ?? []).filter((g) => g.starts <= today && today <= g.ends).sort((a, b) => a.title.localeCompare(b.title));
  const ids = [...new Set(all.flatMap((g) => g.teachers))];
  const name = useNames(ids);
  const teachers = ids.map((id) => ({ id, name: name(id) })).sort((a, b) => a.name.localeCompare(b.name));
  const chosen = whose === null ? null : `${Object.keys(whose)[0]?.replace("_id", "")} ${Object.values(whose)[0]}`;
  const title = all.find((g) => chosen === `group ${g.group_id}`)?.title ?? teachers.find((one) => chosen === `teacher ${one.id}`)?.name;

  function choose(key: string) {
    const [kind = "", id = ""] = key.split(" ");
    setSearch((old) => {
      for (const other of ["group", "teacher", "pupil"]) old.delete(other);
      old.set(kind, id);
      return old;
    });
  }

  return (
    <div className="line choose">
      <ComboBox className="choose-box" onSelectionChange={(key) => key !== null && choose(String(key))} menuTrigger="focus">
        <Label className="small soft">{t("timetable.whose")}</Label>
        <Input className="input" placeholder={title ?? t("timetable.placeholder")} />
        <Popover className="found">
          <ListBox>
            <ListBoxSection>
              <Header className="found-head small soft">{t("timetable.groups")}</Header>
              {all.map((group) => (
                <ListBoxItem key={group.group_id} id={`group ${group.group_id}`} textValue={group.title} className="found-item">
                  {group.title}
                </ListBoxItem>
              ))}
            </ListBoxSection>
            <ListBoxSection>
              <Header className="found-head small soft">{t("timetable.teachers")}</Header>
              {teachers.map((teacher) => (
                <ListBoxItem key={teacher.id} id={`teacher ${teacher.id}`} textValue={teacher.name} className="found-item">
                  {teacher.name}
                </ListBoxItem>
              ))}
            </ListBoxSection>
          </ListBox>
        </Popover>
      </ComboBox>
      {title && <h2>{title}</h2>}
      {isTeacher(me) && chosen !== `teacher ${me.person_id}` && (
        <button type="button" className="button plain" onClick={() => choose(`teacher ${me.person_id}`)}>
          {t("timetable.mine")}
        </button>
      )}
    </div>
  );
}
