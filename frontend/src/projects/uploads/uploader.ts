import { create } from "zustand";
import { newActionId } from "@/api/client";
import { type Sending, sendFile } from "@/api/fileUpload";
import { holdupOf, pauseAsked } from "@/api/holdup";
import { messageOf, RequestFailed } from "@/api/problem";
import { uploadUrl } from "@/api/projects";
import type { Problem, Video } from "@/api/types";
import { showToast } from "@/ui/toasts";
import { reduceUploads, startable, type Upload, type UploadEvent } from "./uploads";

interface UploaderStore {
  readonly uploads: readonly Upload[];
}

/** Lives outside the page, so uploads continue while the person navigates. */
export const useUploader = create<UploaderStore>(() => ({ uploads: [] }));

const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 60_000;

const files = new Map<string, File>();
const pauses = new Map<string, number>();
const sendings = new Map<string, Sending<Video>>();
const listeners = new Set<(projectId: string) => void>();

/** Calls back whenever a project gains a video. */
export function onAccepted(listener: (projectId: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function addFiles(projectId: string, chosen: Iterable<File>): void {
  const uploads = Array.from(chosen, (file): Upload => {
    const key = newActionId();
    files.set(key, file);
    return { key, projectId, name: file.name, size: file.size, at: "waiting" };
  });
  dispatch({ type: "added", uploads });
  startWaiting();
}

export function removeUpload(key: string): void {
  files.delete(key);
  pauses.delete(key);
  sendings.get(key)?.abort();
  sendings.delete(key);
  dispatch({ type: "removed", key });
  startWaiting();
}

export function retryUpload(key: string): void {
  dispatch({ type: "retried", key });
  startWaiting();
}

function dispatch(event: UploadEvent): void {
  useUploader.setState(({ uploads }) => ({ uploads: reduceUploads(uploads, event) }));
}

function startWaiting(): void {
  for (const upload of startable(useUploader.getState().uploads)) void send(upload);
}

async function send({ key, projectId }: Upload): Promise<void> {
  const file = files.get(key);
  if (!file) return;
  dispatch({ type: "started", key, now: performance.now() });
  const sending = sendFile<Video>({ url: uploadUrl(projectId, file.name), key, file }, (sent) =>
    dispatch({ type: "progressed", key, sent, now: performance.now() }),
  );
  sendings.set(key, sending);
  try {
    const { name, same_file_as } = await sending.answer;
    files.delete(key);
    pauses.delete(key);
    dispatch({ type: "accepted", key });
    if (same_file_as) showToast(`${name} is the same file as ${same_file_as.name}. Both are kept.`);
    for (const listener of listeners) listener(projectId);
  } catch (error) {
    if (files.has(key)) stopped(key, error);
  } finally {
    sendings.delete(key);
    startWaiting();
  }
}

/** What the server cannot take just now is sent again after a while; the action id keeps it from being taken twice. */
function stopped(key: string, error: unknown): void {
  const because = holdupOf(error);
  const problem = problemOf(error);
  if (because === null || because === "sign-in") {
    dispatch({ type: "refused", key, problem, again: because !== null });
    return;
  }
  const pause = Math.min(2 * (pauses.get(key) ?? FIRST_PAUSE / 2), LONGEST_PAUSE);
  pauses.set(key, pause);
  dispatch({ type: "held", key, problem });
  setTimeout(() => goOn(key), Math.max(pause, pauseAsked(error)));
}

function goOn(key: string): void {
  if (useUploader.getState().uploads.some((upload) => upload.key === key && upload.at === "held")) {
    retryUpload(key);
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof RequestFailed) return error.problem;
  return { type: "about:blank", title: messageOf(error), status: 0, detail: "" };
}

window.addEventListener("online", () => {
  for (const { key, at } of useUploader.getState().uploads) if (at === "held") retryUpload(key);
});

// Closing the tab would lose files that are still leaving this machine.
window.addEventListener("beforeunload", (event) => {
  if (useUploader.getState().uploads.some((upload) => upload.at !== "refused")) event.preventDefault();
});
