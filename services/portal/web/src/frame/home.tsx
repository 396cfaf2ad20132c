import { useTranslation } from "react-i18next";
import { Link, Navigate, useParams, useSearchParams } from "react-router";
import { isDay } from "../calendar";
import { lastChild } from "./children";
import { Empty } from "./states";
import { diariesOf, isA, isStaff, isTeacher, useMe } from "./who";

/** The address in notices and letters: the day it is about, in the pupil's diary. */
export function FromNotice() {
  const { pupilId } = useParams();
  const day = useSearchParams()[0].get("day");
  return <Navigate to={`/pupils/${pupilId}/diary${isDay(day) ? `?week=${day}` : ""}`} replace />;
}

/** The address without a path: everyone's first page. */
export function Home() {
  const me = useMe();
  const { t } = useTranslation();
  const child = lastChild(diariesOf(me));
  if (isTeacher(me)) return <Navigate to="/today" replace />;
  if (isA(me, "administrator")) return <Navigate to="/school" replace />;
  if (isA(me, "officer")) return <Navigate to="/district" replace />;
  if (isStaff(me)) return <Navigate to="/journal" replace />;
  if (me.children.length > 1) return <Navigate to="/family" replace />;
  if (child) return <Navigate to={`/pupils/${child.person_id}/diary`} replace />;
  return (
    <Empty title={t("home.nobody")} text={t("home.nobodyText")}>
      <Link className="button main" to="/join">
        {t("join.title")}
      </Link>
    </Empty>
  );
}
