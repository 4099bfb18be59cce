/** Server-sent events over fetch: unlike EventSource it can set headers and notices a silently dead connection. */

import { reportSignedOut } from "@/api/client";
import { inTheirName } from "@/api/person";

export interface ServerEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** Splits a stream of text chunks into events; keeps what is incomplete for the next chunk. */
export class EventParser {
  #rest = "";

  push(chunk: string): ServerEvent[] {
    this.#rest = (this.#rest + chunk).replaceAll("\r\n", "\n");
    const blocks = this.#rest.split("\n\n");
    this.#rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => parseBlock(block) ?? []);
  }
}

function parseBlock(block: string): ServerEvent | null {
  let event = "message";
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "id") id = value;
    else if (field === "data") data.push(value);
  }
  return data.length === 0 ? null : { event, id, data: data.join("\n") };
}

export interface StreamHandlers {
  /** The address and last event id to (re)connect with. */
  readonly target: () => { readonly url: string; readonly lastEventId: string };
  readonly onEvent: (event: ServerEvent) => void;
  readonly onState: (state: "connecting" | "live" | "lost") => void;
}

/** The server sends a comment this often at least; five of them missing mean that the connection is dead. */
const HEARTBEAT_MILLISECONDS = 5000;
const SILENCE_MILLISECONDS = 5 * HEARTBEAT_MILLISECONDS;
const LONGEST_PAUSE = 5000;

/** Follows the stream until aborted, reconnecting for ever. */
export async function followEvents(handlers: StreamHandlers, signal: AbortSignal): Promise<void> {
  let pause = 250;
  while (!signal.aborted) {
    handlers.onState("connecting");
    const received = await readOnce(handlers, signal).catch(() => false);
    if (signal.aborted) return;
    handlers.onState("lost");
    pause = received ? 250 : Math.min(pause * 2, LONGEST_PAUSE);
    await wakeAfter(pause, signal);
  }
}

/** One connection; resolves to whether anything was received. */
async function readOnce(handlers: StreamHandlers, signal: AbortSignal): Promise<boolean> {
  const connection = new AbortController();
  const end = () => connection.abort();
  signal.addEventListener("abort", end, { once: true });
  let watchdog = setTimeout(end, SILENCE_MILLISECONDS);
  try {
    const { url, lastEventId } = handlers.target();
    const response = await fetch(url, {
      headers: { Accept: "text/event-stream", "Last-Event-ID": lastEventId, ...inTheirName() },
      signal: connection.signal,
      cache: "no-store",
    });
    if (response.status === 401) reportSignedOut();
    if (!response.ok || response.body === null) return false;
    handlers.onState("live");
    const parser = new EventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return true;
      clearTimeout(watchdog);
      watchdog = setTimeout(end, SILENCE_MILLISECONDS);
      parser.push(value).forEach(handlers.onEvent);
    }
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener("abort", end);
    connection.abort();
  }
}

/** Waits, or returns early when the browser reports that the network is back. */
function wakeAfter(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    window.addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}
