import i18next from "i18next";

/** «каб. 202», but «Спортзал 1»: what is no number says itself what it is. */
export const roomName = (room: string) => (/^\d/.test(room) ? i18next.t("lesson.room", { room }) : room);
