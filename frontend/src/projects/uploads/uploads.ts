import type { Problem } from "@/api/types";

/** One file on its way to the server. Once accepted it is a video and the video card takes over. */
export type Upload = {
  readonly key: string;
  readonly projectId: string;
  readonly name: string;
  readonly size: number;
} & (
  | { readonly at: "waiting" }
  | { readonly at: "sending"; readonly sent: number; readonly startedAt: number; readonly now: number }
  /** What stands in its way is over some time; it goes on by itself. */
  | { readonly at: "held"; readonly problem: Problem }
  /** `again`: the same file may be taken later, for example after signing in. */
  | { readonly at: "refused"; readonly problem: Problem; readonly again: boolean }
);

export type UploadEvent =
  | { readonly type: "added"; readonly uploads: readonly Upload[] }
  | { readonly type: "started"; readonly key: string; readonly now: number }
  | { readonly type: "progressed"; readonly key: string; readonly sent: number; readonly now: number }
  | { readonly type: "accepted"; readonly key: string }
  | { readonly type: "held"; readonly key: string; readonly problem: Problem }
  | { readonly type: "refused"; readonly key: string; readonly problem: Problem; readonly again: boolean }
  | { readonly type: "removed"; readonly key: string }
  | { readonly type: "retried"; readonly key: string };

/** Two at a time: more would only slow each other down. */
const MOST_AT_ONCE = 2;

export function reduceUploads(uploads: readonly Upload[], event: UploadEvent): readonly Upload[] {
  switch (event.type) {
    case "added":
      return [...uploads, ...event.uploads];
    case "started":
      return change(uploads, event.key, (upload) =>
        upload.at === "waiting"
          ? { ...identity(upload), at: "sending", sent: 0, startedAt: event.now, now: event.now }
          : upload,
      );
    case "progressed":
      return change(uploads, event.key, (upload) =>
        upload.at === "sending"
          ? { ...upload, sent: Math.min(upload.size, Math.max(upload.sent, event.sent)), now: event.now }
          : upload,
      );
    case "held":
      return change(uploads, event.key, (upload) => ({
        ...identity(upload),
        at: "held",
        problem: event.problem,
      }));
    case "refused":
      return change(uploads, event.key, (upload) => ({
        ...identity(upload),
        at: "refused",
        problem: event.problem,
        again: event.again,
      }));
    case "retried":
      return change(uploads, event.key, (upload) =>
        upload.at === "refused" || upload.at === "held" ? { ...identity(upload), at: "waiting" } : upload,
      );
    case "accepted":
    case "removed":
      return uploads.filter((upload) => upload.key !== event.key);
    default:
      return event satisfies never;
  }
}

/** The uploads to start now, oldest first. */
export function startable(uploads: readonly Upload[]): readonly Upload[] {
  const sending = uploads.filter((upload) => upload.at === "sending").length;
  return uploads.filter((upload) => upload.at === "waiting").slice(0, Math.max(0, MOST_AT_ONCE - sending));
}

/** Seconds until the last byte at the mean rate so far; null during the first half second. */
export function uploadEta(upload: Upload): number | null {
  if (upload.at !== "sending") return null;
  const seconds = (upload.now - upload.startedAt) / 1000;
  if (seconds < 0.5 || upload.sent === 0) return null;
  return (upload.size - upload.sent) / (upload.sent / seconds);
}

function change(uploads: readonly Upload[], key: string, to: (upload: Upload) => Upload): readonly Upload[] {
  return uploads.map((upload) => (upload.key === key ? to(upload) : upload));
}

function identity({ key, projectId, name, size }: Upload) {
  return { key, projectId, name, size };
}
