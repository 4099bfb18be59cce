import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { phasesQuery, projectQuery, videoQuery } from "@/api/queries";
import type { Id, Video } from "@/api/types";
import { useMe } from "@/api/useMe";
import { LoadFailed } from "@/ui/Notice";
import { NotReady } from "./NotReady";
import { SessionContext } from "./state/context";
import { exposeForTests } from "./state/exposeForTests";
import { closedBook, type PhaseBook, phaseBook } from "./state/phaseBook";
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
  } = useQuery({
    ...videoQuery(videoId),
    refetchInterval: pollWhileIngesting,
  });
  const projectId = video?.project_id ?? "";
  const project = useQuery({ ...projectQuery(projectId), enabled: projectId !== "" });
  const phases = useQuery(phasesQuery);
  const me = useMe();
  const failure = error ?? project.error ?? phases.error;
  if (video === undefined || project.data === undefined || phases.data === undefined || me === undefined) {
    const retry = () => void refetch().then(() => Promise.all([project.refetch(), phases.refetch()]));
    return failure === null ? <WorkspaceSkeleton /> : <LoadFailed error={failure} onRetry={retry} />;
  }
  const facts = factsOf(video);
  if (video.state !== "ready" || facts === null || video.proxy_url === null)
    return <NotReady video={video} />;
  return (
    <OpenWorkspace
      key={video.id}
      video={video}
      facts={facts}
      personId={me.id}
      phases={
        project.data.allowed.includes("annotate")
          ? phaseBook(project.data.phase, phases.data)
          : closedBook(project.data.phase)
      }
    />
  );
}

const INGEST_POLL_MILLISECONDS = 1000;

function pollWhileIngesting({ state }: { readonly state: { readonly data?: Video | undefined } }) {
  return state.data?.state === "ingesting" ? INGEST_POLL_MILLISECONDS : false;
}

interface OpenWorkspaceProps {
  readonly video: Video;
  readonly facts: VideoFacts;
  readonly phases: PhaseBook;
  readonly personId: Id;
}

/** Opens a session on mount and closes it on unmount. */
function OpenWorkspace({ video, facts, phases, personId }: OpenWorkspaceProps) {
  const [session, setSession] = useState<WorkspaceSession | null>(null);
  // The facts never change under a video's id, so the session lives as long as the id.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  useEffect(() => {
    const opened = new WorkspaceSession(facts, video.proxy_url ?? "", phases, personId);
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
      <Workspace video={video} />
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
