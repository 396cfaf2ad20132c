import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import * as reporting from "../api/reporting";
import { PupilHead } from "../frame/pupil-head";
import { usePupil } from "../frame/who";
import { OperationList } from "./operations";
import { Bounds, useAsked } from "./page";
import "./audit.css";

/** Every operation about one pupil. */
export function ChangesPage() {
  const { t } = useTranslation();
  const { pupil, child } = usePupil();
  const { first, last } = useAsked(child?.school_id);
  const [, setSearch] = useSearchParams();
  return (
    <>
      <PupilHead title={t("audit.ofPupil")}>
        <Link className="button" to={`/pupils/${pupil}/diary`}>
          {t("audit.toDiary")}
        </Link>
      </PupilHead>
      <div className="audit-page">
        <div className="audit-filter">
          <Bounds
            asked={{ first, last }}
            set={(name, value) =>
              setSearch(
                (old) => {
                  old.set(name, value);
                  return old;
                },
                { replace: true },
              )
            }
          />
        </div>
        <OperationList of={pupil} name={["pupil", pupil, first, last]} ask={(before) => reporting.changes(pupil, { first, last, before })} />
      </div>
    </>
  );
}
