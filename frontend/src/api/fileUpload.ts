import { problemFrom, unreachable } from "./problem";

/** A file on its way, and the server's answer to it. */
export interface Sending<T> {
  readonly answer: Promise<T>;
  readonly abort: () => void;
}

interface FileToSend {
  readonly url: string;
  /** The action id: sending the same file again under it is safe. */
  readonly key: string;
  readonly file: File;
}

/** XMLHttpRequest, because fetch does not report upload progress. */
export function sendFile<T>({ url, key, file }: FileToSend, onSent: (bytes: number) => void): Sending<T> {
  const request = new XMLHttpRequest();
  const answer = new Promise<T>((resolve, reject) => {
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as T);
      else reject(problemFrom(request.status, request.responseText, retryAfter(request)));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("The upload was cancelled", "AbortError"));
  });
  request.open("POST", url);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("Idempotency-Key", key);
  request.setRequestHeader("Accept", "application/json");
  request.send(file);
  return { answer, abort: () => request.abort() };
}

function retryAfter(request: XMLHttpRequest): number {
  return Number(request.getResponseHeader("Retry-After")) || 0;
}
