import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import type { VideoFailure } from "@/video/protocol";
import { useWorkspace } from "../state/context";
import styles from "./StageNotice.module.css";

/** Shown instead of the video while it loads, or when it cannot be shown. */
export function StageNotice() {
  const failure = useWorkspace((state) => state.videoFailure);
  const shown = useWorkspace((state) => state.shownFrame !== null);
  const loadFailure = useWorkspace((state) => state.loadFailure);
  if (failure !== null) {
    return (
      <div className={styles.notice}>
        <Notice
          tone="bad"
          title={titleOf(failure)}
          actions={<Button onClick={() => window.location.reload()}>Reload</Button>}
          testId="video-failure"
        >
          {adviceOf(failure)}
        </Notice>
      </div>
    );
  }
  if (loadFailure !== null) {
    return (
      <div className={styles.notice}>
        <Notice tone="warn" title="The annotations could not be loaded yet" testId="load-failure">
          {loadFailure} Trying again.
        </Notice>
      </div>
    );
  }
  return shown ? null : (
    <p className={styles.loading} role="status">
      Decoding the first frame…
    </p>
  );
}

function titleOf(failure: VideoFailure): string {
  switch (failure.reason) {
    case "no-webcodecs":
      return "This browser cannot decode video frame by frame";
    case "unsupported-codec":
      return "This browser cannot decode H.264 video";
    case "unreadable":
      return "The video file could not be read";
    case "decoder":
      return "The video could not be decoded";
    default:
      return failure.reason satisfies never;
  }
}

function adviceOf(failure: VideoFailure): string {
  if (failure.reason === "no-webcodecs" || failure.reason === "unsupported-codec") {
    return "Use Chrome or Edge 94, Firefox 130 or Safari 26, or newer. WebCodecs also needs https or localhost.";
  }
  return `${failure.detail} Everything you annotated is safe.`;
}
