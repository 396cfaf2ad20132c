/** What a service answers when it does not do what it was asked (RFC 9457), and what the network does to us. */
export type FieldError = { pointer: string; code: string; detail: string };

type Body = { title?: string; code?: string; detail?: string; errors?: FieldError[] };

/** Status 0 means that no answer came: the line is down or the server is. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  /** Seconds the server asks us to wait, if it does. */
  readonly retryAfter: number | null;

  constructor(status: number, body: Body, retryAfter: number | null = null) {
    super(body.detail ?? body.title ?? body.code ?? String(status));
    this.name = "Problem";
    this.status = status;
    this.code = body.code ?? "";
    this.detail = body.detail ?? body.title ?? "";
    this.errors = body.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** The sentence for one field, by its JSON pointer; the pointer itself or anything below it. */
  at(pointer: string): string | null {
    const found = this.errors.find((e) => e.pointer === pointer || e.pointer.startsWith(`${pointer}/`));
    return found?.detail ?? null;
  }

  /** Whether the same request may be sent again as it is and may then succeed. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500 || this.code.endsWith("in-progress");
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const body: Body = await response.json().catch(() => ({}));
  return new Problem(response.status, body, Number.isFinite(seconds) ? seconds : null);
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}
