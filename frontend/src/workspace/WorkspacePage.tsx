import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { videoQuery } from "@/api/queries";
import type { Id, Video } from "@/api/types";
import { LoadFailed } from "@/ui/Notice";
import { NotReady } from "./NotReady";
import { SessionContext } from "./state/context";
import { exposeForTests } from "./state/exposeForTests";
import { WorkspaceSession } from "./state/session";
import type { VideoFacts } from "./state/store";
import { Workspace } from "./Workspace";
import { WorkspaceSkeleton } from "./WorkspaceSkeleton";

/** The annotation workspace of one video. */
export function WorkspacePage({ videoId }: { readonly videoId: Id }) {
  const {
    data: video,
    error,
    refetch,
  } = useQuery({ ...videoQuery(videoId), refetchInterval: pollWhileIngesting });
  if (video === undefined) {
    return error === null ? (
      <WorkspaceSkeleton />
    ) : (
      <LoadFailed error={error} onRetry={() => void refetch()} />
    );
  }
  const facts = factsOf(video);
  if (video.state !== "ready" || facts === null || video.proxy_url === null)
    return <NotReady video={video} />;
  return <OpenVideo key={video.id} video={video} facts={facts} proxyUrl={video.proxy_url} />;
}

const INGEST_POLL_MILLISECONDS = 1000;

function pollWhileIngesting({ state }: { readonly state: { readonly data?: Video | undefined } }) {
  return state.data?.state === "ingesting" ? INGEST_POLL_MILLISECONDS : false;
}

interface OpenVideoProps {
  readonly video: Video;
  readonly facts: VideoFacts;
  readonly proxyUrl: string;
}

/** Opens a session when shown and closes it when left. */
function OpenVideo({ video, facts, proxyUrl }: OpenVideoProps) {
  const [session, setSession] = useState<WorkspaceSession | null>(null);
  const phase = "sam2";
  // The facts never change under a video's id, so the session lives as long as the id.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  useEffect(() => {
    const opened = new WorkspaceSession(facts, proxyUrl, phase);
    opened.start();
    setSession(opened);
    const hide = exposeForTests(opened);
    return () => {
      hide();
      opened.close();
    };
  }, [facts.id]);
  if (session === null) return <WorkspaceSkeleton />;
  return (
    <SessionContext value={session}>
      <Workspace video={video} phase={phase} />
    </SessionContext>
  );
}

function factsOf(video: Video): VideoFacts | null {
  const { width, height, num_frames: numFrames, fps } = video;
  if (width === null || height === null || numFrames === null || fps === null) return null;
  return {
    id: video.id,
    width,
    height,
    numFrames,
    framesPerSecond: fps.num / fps.den,
    stride: video.stride,
  };
}
