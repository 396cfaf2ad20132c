import { OURS } from "./http";
import { problemOf } from "./problem";

export async function signOut(): Promise<void> {
  const response = await fetch("/auth/sign-out", { method: "POST", headers: OURS });
  if (!response.ok && response.status !== 401) throw await problemOf(response);
}
