import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { isBarred } from "@/api/problem";
import { ontologyQuery, phasesQuery, projectQuery, videoQuery } from "@/api/queries";
import type { Id, PhaseRules, Project, Video } from "@/api/types";
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
  const book = useMemo(() => bookFor(project.data, phases.data), [project.data, phases.data]);
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
      gone={isBarred(error) || isBarred(project.error)}
      phases={book}
    />
  );
}

function bookFor(project: Project | undefined, rules: readonly PhaseRules[] | undefined): PhaseBook {
  const own = project?.phase ?? "sam2";
  return rules !== undefined && project?.allowed.includes("annotate")
    ? phaseBook(own, rules)
    : closedBook(own);
}

const INGEST_POLL_MILLISECONDS = 1000;

function pollWhileIngesting({ state }: { readonly state: { readonly data?: Video | undefined } }) {
  return state.data?.state === "ingesting" ? INGEST_POLL_MILLISECONDS : false;
}

interface OpenWorkspaceProps {
  readonly gone: boolean;
  readonly video: Video;
  readonly facts: VideoFacts;
  readonly phases: PhaseBook;
  readonly personId: Id;
}

/** Opens a session on mount and closes it on unmount. */
function OpenWorkspace({ video, facts, phases, personId, gone }: OpenWorkspaceProps) {
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
  useStanding(session, video, phases, gone);
  useOntology(session, video);
  if (session === null) return <WorkspaceSkeleton />;
  return (
    <SessionContext value={session}>
      <Workspace video={video} />
    </SessionContext>
  );
}

/** Keeps the session up to date about what one may do here, and asks anew when there are signs that it changed. */
function useStanding(session: WorkspaceSession | null, video: Video, phases: PhaseBook, gone: boolean): void {
  const queryClient = useQueryClient();
  useEffect(() => session?.store.setState({ phases, gone }), [session, phases, gone]);
  useEffect(
    () =>
      session?.store.subscribe((state, before) => {
        const refused = state.refusedEdits.length > before.refusedEdits.length;
        const lost = state.lease.at === "lost" && before.lease.at !== "lost";
        const cutOff = state.stream === "lost" && before.stream !== "lost";
        const isBack = state.gone && state.stream === "live" && before.stream !== "live";
        if (!refused && !lost && !cutOff && !isBack) return;
        for (const queryKey of [videoQuery(video.id).queryKey, projectQuery(video.project_id).queryKey])
          void queryClient.invalidateQueries({ queryKey, exact: true });
      }),
    [session, queryClient, video.id, video.project_id],
  );
}

/** Lets the session know classes and attributes, and asks for them anew when an object has one that is not known. */
function useOntology(session: WorkspaceSession | null, video: Video): void {
  const queryClient = useQueryClient();
  const { project_id: projectId } = video;
  const ontology = useQuery(ontologyQuery(projectId)).data?.ontology;
  useEffect(() => {
    if (session !== null && ontology !== undefined) session.store.setState({ ontology });
  }, [session, ontology]);
  useEffect(
    () =>
      session?.store.subscribe((state, before) => {
        if (state.replica.masklets === before.replica.masklets) return;
        const known = new Set(state.ontology.classes.map(({ id }) => id));
        const isStrange = [...state.replica.masklets.values()].some(
          (masklet) =>
            masklet !== before.replica.masklets.get(masklet.id) &&
            masklet.class_id !== null &&
            !known.has(masklet.class_id),
        );
        const { queryKey } = ontologyQuery(projectId);
        if (isStrange) void queryClient.invalidateQueries({ queryKey, exact: true });
      }),
    [session, queryClient, projectId],
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
