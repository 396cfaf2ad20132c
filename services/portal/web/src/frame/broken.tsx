import { useTranslation } from "react-i18next";
import { Link, useRouteError } from "react-router";
import { Empty, Failed } from "./states";

export function NoSuchPage() {
  const { t } = useTranslation();
  return (
    <Empty title={t("state.noPage")} text={t("state.noPageText")}>
      <Link className="button" to="/">
        {t("state.home")}
      </Link>
    </Empty>
  );
}

/** A page fell over, or its part could not be fetched (a new version has been published meanwhile). */
export function Broken() {
  const error = useRouteError();
  return <Failed error={error} retry={() => location.reload()} />;
}
