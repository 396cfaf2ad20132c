import { goSignIn, OURS } from "./http";
import { Problem, problemOf } from "./problem";

export type Session = { person_id: string; account_id: string };

/** The session of this browser; without one, the sign-in page. Throws Problem when the portal does not answer. */
export async function session(): Promise<Session> {
  let response: Response;
  try {
    response = await fetch("/auth/session");
  } catch {
    throw new Problem(0, {});
  }
  if (response.status === 401) return goSignIn();
  if (!response.ok) throw await problemOf(response);
  const body = (await response.json()) as Session & { signed_in?: boolean };
  return body.signed_in === false ? goSignIn() : body;
}

export async function signOut(): Promise<void> {
  const response = await fetch("/auth/sign-out", { method: "POST", headers: OURS });
  if (!response.ok && response.status !== 401) throw await problemOf(response);
}
