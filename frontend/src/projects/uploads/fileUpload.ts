import { problemFrom, unreachable } from "@/api/problem";
import { uploadUrl } from "@/api/projects";
import type { Video } from "@/api/types";

export interface Sending {
  readonly video: Promise<Video>;
  readonly abort: () => void;
}

interface FileToSend {
  readonly projectId: string;
  readonly key: string;
  readonly file: File;
}

/** XMLHttpRequest, because fetch does not report upload progress. */
export function sendFile({ projectId, key, file }: FileToSend, onSent: (bytes: number) => void): Sending {
  const request = new XMLHttpRequest();
  const video = new Promise<Video>((resolve, reject) => {
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as Video);
      else reject(problemFrom(request.status, request.responseText, retryAfter(request)));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("The upload was cancelled", "AbortError"));
  });
  request.open("POST", uploadUrl(projectId, file.name));
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("Idempotency-Key", key);
  request.setRequestHeader("Accept", "application/json");
  request.send(file);
  return { video, abort: () => request.abort() };
}

function retryAfter(request: XMLHttpRequest): number {
  return Number(request.getResponseHeader("Retry-After")) || 0;
}
