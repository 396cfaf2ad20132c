import { OURS } from "./http";
import { problemOf } from "./problem";

/** Addresses of pages that the person keeps at hand, on every device. Throws Problem. */
export async function favourites(): Promise<string[]> {
  const response = await fetch("/favourites");
  if (!response.ok) throw await problemOf(response);
  return ((await response.json()) as { favourites: string[] }).favourites;
}

export async function keepFavourites(addresses: readonly string[]): Promise<void> {
  const headers = { "Content-Type": "application/json", ...OURS };
  const response = await fetch("/favourites", { method: "PUT", headers, body: JSON.stringify({ favourites: addresses }) });
  if (!response.ok) throw await problemOf(response);
}
