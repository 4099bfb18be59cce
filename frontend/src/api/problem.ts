import type { Problem } from "./types";

/** How the type of every problem of Maskloom begins. Proxies and firewalls send problems of their own. */
const OURS = "urn:maskloom:problem:";

/** A failed request, with the server's problem if it sent one. */
export class RequestFailed extends Error {
  readonly problem: Problem;
  /** Everything else in the problem body, for example `version` on a conflict. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** When to repeat the request, as the server says; 0 where it does not. */
  readonly retryAfterSeconds: number;

  constructor(problem: Problem, extra: Readonly<Record<string, unknown>> = {}, retryAfterSeconds = 0) {
    super(problem.detail || problem.title);
    this.name = "RequestFailed";
    this.problem = problem;
    this.extra = extra;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get status(): number {
    return this.problem.status;
  }

  /** Whether Maskloom itself says what is wrong, and not something on the way to it. */
  get isProblem(): boolean {
    return this.problem.type.startsWith(OURS);
  }

  /** The last part of the problem's type, for example `version-conflict`. */
  get slug(): string {
    return slugOf(this.problem);
  }
}

/** Whether the server says that there is no such thing, or not for this person; an outage says nothing. */
export function isBarred(error: unknown): boolean {
  return error instanceof RequestFailed && error.isProblem && (error.status === 404 || error.status === 403);
}

export function slugOf(problem: Problem): string {
  return problem.type.split(/[/#:]/).findLast((part) => part !== "") ?? "about-blank";
}

const UNREACHABLE: Problem = {
  type: "unreachable",
  title: "The server cannot be reached",
  status: 0,
  detail: "The connection was lost. What was saved is safe; try again once the server is back.",
};

export function unreachable(): RequestFailed {
  return new RequestFailed(UNREACHABLE);
}

/** Reads a failed answer of any kind, parsed or not: problem+json, a validation list, plain text or nothing. */
export function problemFrom(status: number, answer: unknown, retryAfterSeconds = 0): RequestFailed {
  const body = objectFrom(answer);
  if (!body) {
    const title = titleFor(status);
    return new RequestFailed({ type: "about:blank", title, status, detail: "" }, {}, retryAfterSeconds);
  }
  const { type, title, detail, status: _status, ...extra } = body;
  return new RequestFailed(
    {
      type: typeof type === "string" ? type : "about:blank",
      title: typeof title === "string" ? title : titleFor(status),
      status,
      detail: detailText(detail),
    },
    extra,
    retryAfterSeconds,
  );
}

function objectFrom(answer: unknown): Record<string, unknown> | null {
  if (typeof answer === "object") return answer as Record<string, unknown> | null;
  if (typeof answer !== "string") return null;
  try {
    const value: unknown = JSON.parse(answer);
    return typeof value === "object" ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

function detailText(detail: unknown): string {
  if (typeof detail === "string") return detail;
  if (!Array.isArray(detail)) return "";
  const lines = detail.map((item: { loc?: unknown[]; msg?: unknown }) => {
    const field = Array.isArray(item.loc) ? item.loc.at(-1) : undefined;
    return field === undefined ? String(item.msg) : `${String(field)}: ${String(item.msg)}`;
  });
  return lines.join("; ");
}

function titleFor(status: number): string {
  if (status === 404) return "It is not there any more";
  if (status === 413) return "The file is too large";
  if (status >= 500) return "The server failed";
  return `The request was refused (${status})`;
}

/** The message to show for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
