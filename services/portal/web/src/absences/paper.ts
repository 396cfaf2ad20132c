import type { Paper } from "../api/attendance";

const MOST = 400_000; // bytes that the service takes
const WIDEST = 1600; // pixels; a paper is read well at that
const QUALITIES = [0.8, 0.6, 0.4];

/** Why a file cannot go with an absence: a key of `absence.paper…`. */
export type Unfit = "large" | "unreadable";

/** The file as the service takes it; photographs are made smaller here. */
export async function paperOf(file: File): Promise<Paper | Unfit> {
  if (file.type === "application/pdf") return file.size > MOST ? "large" : { media: file.type, content: await base64(file) };
  if (!file.type.startsWith("image/")) return "unreadable";
  if ((file.type === "image/jpeg" || file.type === "image/png") && file.size <= MOST) return { media: file.type, content: await base64(file) };
  const image = await createImageBitmap(file).catch(() => null);
  if (!image) return "unreadable";
  const scale = Math.min(1, WIDEST / Math.max(image.width, image.height));
  const canvas = new OffscreenCanvas(Math.round(image.width * scale), Math.round(image.height * scale));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  for (const quality of QUALITIES) {
    const smaller = await canvas.convertToBlob({ type: "image/jpeg", quality });
    if (smaller.size <= MOST) return { media: "image/jpeg", content: await base64(smaller) };
  }
  return "large";
}

function base64(file: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => failed(reader.error ?? new Error("not read"));
    reader.readAsDataURL(file);
  });
}
