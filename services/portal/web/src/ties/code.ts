import { takeCode } from "../api/tab";

/** «ABCDE-FGHIJ-…»: as it is read out and typed. */
export const spelt = (code: string) => code.match(/.{1,5}/g)?.join("-") ?? code;

/** The address that a picture of the code opens. */
export const addressOf = (code: string) => `${location.origin}/join#${code}`;

/** The code that this page was opened with, as it is typed; none if it looks like no code. */
export function codeBrought(): string {
  const code = takeCode();
  return /^[A-Za-z2-7-]{1,40}$/.test(code) ? spelt(code.replaceAll("-", "")) : "";
}
