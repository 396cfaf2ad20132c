import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import * as notify from "../api/notify";
import { useAttempt } from "../frame/attempt";
import { ChildSign } from "../frame/children";
import { Field } from "../frame/field";
import { Loaded } from "../frame/states";
import { useMe } from "../frame/who";
import { showAverage } from "../marks/values";

/** Below which average of each child its guardian wishes to be told. */
export function Thresholds() {
  const { t } = useTranslation();
  const { children } = useMe();
  const query = useQuery({ queryKey: ["thresholds"], queryFn: notify.thresholds });
  const told = children.map((child, place) => ({ ...child, place })).filter((child) => child.rights.includes("notices"));
  if (told.length === 0) return null;
  return (
    <section className="card stack" aria-labelledby="thresholds">
      <h2 id="thresholds">{t("settings.thresholds")}</h2>
      <p className="soft">{t("settings.thresholdsWhat")}</p>
      <Loaded query={query}>
        {({ thresholds }) =>
          told.map(({ person_id, name, place }) => {
            const below = thresholds.find((one) => one.pupil_id === person_id)?.below ?? "";
            return <Child key={`${person_id} ${below}`} pupil={person_id} name={name} place={place} below={below} />;
          })
        }
      </Loaded>
    </section>
  );
}

function Child({ pupil, name, place, below }: { pupil: string; name: string; place: number; below: string }) {
  const { t } = useTranslation();
  const [value, setValue] = useState(showAverage(below));
  const { attempt, fault, busy } = useAttempt("thresholds");

  const set = (wanted: string) =>
    attempt(() => notify.setThreshold(pupil, wanted), t(wanted.trim() === "" ? "settings.belowGone" : "settings.belowKept"));

  function save(event: FormEvent) {
    event.preventDefault();
    void set(value);
  }

  return (
    <form className="stack" onSubmit={save} aria-label={name} noValidate>
      <h3 className="line">
        <ChildSign place={place} />
        {name}
      </h3>
      <div className="line threshold">
        <Field label={t("settings.below")} error={fault}>
          {(props) => (
            <input
              {...props}
              className="input goal"
              inputMode="decimal"
              maxLength={6}
              value={value}
              onChange={(event) => setValue(event.target.value)}
            />
          )}
        </Field>
        <button type="submit" className="button" disabled={busy || value.trim() === showAverage(below)}>
          {t("work.save")}
        </button>
        {below !== "" && (
          <button type="button" className="button plain" disabled={busy} onClick={() => void set("")}>
            {t("settings.notWatched")}
          </button>
        )}
      </div>
    </form>
  );
}
