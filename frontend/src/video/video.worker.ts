import { readFrameTable, UnsupportedCodec } from "./frameTable";
import type { Span, VideoFailure, VideoReply, VideoRequest } from "./protocol";
import { SpanDecoder } from "./spanDecoder";

/** Runs in a Web Worker: demuxes and decodes, so that the page never waits for either. */
const scope = self as unknown as {
  postMessage(message: VideoReply, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<VideoRequest>) => void) | null;
};

let decoder: SpanDecoder | null = null;
let queued: Span | null = null;
let busy = false;

function fail(reason: VideoFailure["reason"], error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  scope.postMessage({ type: "failed", failure: { reason, detail } });
}

async function open(url: string): Promise<void> {
  if (!("VideoDecoder" in self)) {
    fail("no-webcodecs", "VideoDecoder is missing");
    return;
  }
  try {
    const table = await readFrameTable(url);
    decoder = new SpanDecoder(table, (frameIndex, bitmap) =>
      scope.postMessage({ type: "frame", frameIndex, bitmap }, [bitmap]),
    );
    scope.postMessage({ type: "opened", index: table.index });
  } catch (error) {
    fail(error instanceof UnsupportedCodec ? "unsupported-codec" : "unreadable", error);
  }
}

/** One span at a time; only the newest waiting one is kept. */
async function work(): Promise<void> {
  if (busy || decoder === null) return;
  busy = true;
  while (queued !== null) {
    const span: Span = queued;
    queued = null;
    try {
      await decoder.decode(span);
    } catch (error) {
      fail("decoder", error);
    }
    scope.postMessage({ type: "finished", spanId: span.id });
  }
  busy = false;
}

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case "open":
      void open(data.url);
      break;
    case "decode":
      queued = data.span;
      decoder?.stop();
      void work();
      break;
    case "stop":
      queued = null;
      decoder?.stop();
      break;
    default:
      data satisfies never;
  }
};
