const KEPT = "diary.code";

/** What this tab knows of whoever used it goes with the page, at its very end: there the router writes which pages were scrolled. A code its guest came with stays while he signs in. */
export function forgetTab(): void {
  const code = location.pathname === "/join" ? location.hash.slice(1) : "";
  addEventListener("pagehide", () => {
    sessionStorage.clear();
    if (code) sessionStorage.setItem(KEPT, code);
  });
}

/** The code behind the «#» of the address, which no server sees, or the one kept over the sign-in; taken once, and out of the address bar. */
export function takeCode(): string {
  const code = location.hash.slice(1) || sessionStorage.getItem(KEPT) || "";
  sessionStorage.removeItem(KEPT);
  if (location.hash) history.replaceState(history.state, "", location.pathname);
  return code;
}
