import { useTranslation } from "react-i18next";
import { shortDay } from "../calendar";
import { Arrow } from "../frame/arrow";
import { roomName } from "../frame/room";

type Props = {
  lesson: {
    on: string;
    number: number;
    room: string | null;
    cancelled: boolean;
    moved_from: { on: string; number: number } | null;
    substituted: boolean;
    room_was: string | null;
  };
  /** Names: who gives it, and whom he stands in for. */
  teacher: string;
  insteadOf: string;
};

/** What is different about a lesson: the old struck through, the new beside it. */
export function Differs({ lesson, teacher, insteadOf }: Props) {
  const { t } = useTranslation();
  const { cancelled, moved_from, number, on, room, room_was, substituted } = lesson;
  const elsewhere = moved_from && (moved_from.on !== on || moved_from.number !== number);
  return (
    <>
      {cancelled && <p className="change">{t("lesson.cancelled")}</p>}
      {elsewhere && <p className="change">{t("lesson.moved", { day: shortDay(moved_from.on), number: moved_from.number })}</p>}
      {room_was && room && (
        <p className="change">
          <del>{roomName(room_was)}</del> <Arrow /> {roomName(room)}
        </p>
      )}
      {substituted && (
        <p className="change">
          {t("lesson.substitution")}: {insteadOf && <><del>{insteadOf}</del> <Arrow /></>} {teacher}
        </p>
      )}
    </>
  );
}
