import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import * as records from "../api/records";
import { addDays, moment, shortDay } from "../calendar";
import { PupilFoot } from "../frame/pupil-foot";
import { PupilHead } from "../frame/pupil-head";
import { RangeSwitch, useRange, useTerms } from "../frame/range";
import { Empty, Loaded } from "../frame/states";
import { trueDayAt, useMe, usePupil } from "../frame/who";
import { useArrived } from "../live/use";
import { Comment } from "./talk";

const AUTHORS = ["staff", "guardian"] as const;

/** Everything written beside a pupil's records, newest first; by kind of author and by days. `?record=` opens one record's thread. */
export function CommentsPage() {
  const { t } = useTranslation();
  const { pupil, child, today } = usePupil();
  const { termOf, known } = useTerms();
  const now = [today, trueDayAt(useMe(), child?.school_id)].sort().at(-1) ?? today;
  const { first, last, go } = useRange({ first: termOf(today)?.first ?? addDays(today, -90), last: now });
  const [search, setSearch] = useSearchParams();
  const author = AUTHORS.find((one) => one === search.get("by"));
  const query = useQuery({
    queryKey: ["comments", pupil, first, last, author],
    queryFn: () => records.comments(pupil, first, last, author),
    enabled: known,
  });

  function choose(next: string) {
    setSearch((old) => {
      if (next) old.set("by", next);
      else old.delete("by");
      return old;
    });
  }

  return (
    <>
      <PupilHead title={t("talk.title")}>
        <div className="line">
          <RangeSwitch range={{ first, last }} today={today} go={go} />
          <select className="input talk-by" aria-label={t("talk.by")} value={author ?? ""} onChange={(event) => choose(event.target.value)}>
            <option value="">{t("talk.everybody")}</option>
            {AUTHORS.map((one) => (
              <option key={one} value={one}>
                {t(`talk.of.${one}`)}
              </option>
            ))}
          </select>
        </div>
      </PupilHead>
      <Loaded query={query}>{({ comments }) => <List comments={comments} list={`comments ${pupil} ${first} ${last} ${author ?? ""}`} wanted={search.get("record")} />}</Loaded>
      <PupilFoot />
    </>
  );
}

/** Each record once, at the place of its newest comment, with what is said beside it. */
function List({ comments, list, wanted }: { comments: records.Comment[]; list: string; wanted: string | null }) {
  const { t } = useTranslation();
  const arrived = useArrived(list, comments.map((one) => one.comment_id));
  const heads = comments.filter((one, n) => comments.findIndex((other) => other.object_id === one.object_id) === n);
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => place.current?.scrollIntoView(), [wanted]);
  if (comments.length === 0) return <Empty title={t("talk.nothing")} text={t("talk.nothingText")} />;
  return (
    <ol className="card comment-list">
      {heads.map((one) => (
        <li key={one.object_id} className={one.object_id === wanted ? "wanted" : ""} ref={one.object_id === wanted ? place : null}>
          <h2>
            {t(`talk.about.${one.about}`)}
            {one.subject && ` · ${one.subject}`} <span className="soft small">{shortDay(one.on)}</span>
          </h2>
          <ul className="said-list">
            {comments
              .filter((other) => other.object_id === one.object_id)
              .reverse()
              .map((said) => (
                <li key={said.comment_id} className={arrived.has(said.comment_id) ? "said arrived" : "said"}>
                  <p className="small">
                    <b>{said.author_name}</b>{" "}
                    <span className="soft">
                      {t(`talk.author.${said.author}`)}, <time dateTime={said.at}>{moment(said.at)}</time>
                    </span>
                  </p>
                  <p className="said-words">{said.text || <span className="soft">{t("talk.erased")}</span>}</p>
                </li>
              ))}
          </ul>
          <details open={one.object_id === wanted}>
            <summary className="small">{t("talk.answerHere")}</summary>
            <Comment beside={besideOf(one)} first={false} />
          </details>
        </li>
      ))}
    </ol>
  );
}

const besideOf = ({ about, object_id, pupil_id, group_id, on }: records.Comment): records.Beside => ({ about, object_id, pupil_id, group_id, on });
