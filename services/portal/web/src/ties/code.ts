const KEPT = "diary.code";

/** «ABCDE-FGHIJ-…»: as it is read out and typed. */
export const spelt = (code: string) => code.match(/.{1,5}/g)?.join("-") ?? code;

/** The address that a picture of the code opens. The code is behind the «#», which no server sees. */
export const addressOf = (code: string) => `${location.origin}/join#${code}`;

/** Before the page is left for signing in: what stands behind the «#» does not come back with the address. */
export function keepCode(): void {
  if (location.pathname === "/join" && location.hash.length > 1) sessionStorage.setItem(KEPT, location.hash.slice(1));
}

/** The code of the address, or the one kept while its guest signed in; it leaves the address bar. */
export function keptCode(): string {
  const code = location.hash.slice(1) || sessionStorage.getItem(KEPT) || "";
  sessionStorage.removeItem(KEPT);
  if (location.hash) history.replaceState(history.state, "", location.pathname);
  return /^[A-Za-z2-7-]{1,40}$/.test(code) ? spelt(code.replaceAll("-", "")) : "";
}
