import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { projectQuery, videosQuery } from "@/api/queries";
import type { Id, Permission, Project, Video } from "@/api/types";
import { AutolabelDialog } from "@/autolabel/AutolabelDialog";
import { useAutoLabelings } from "@/autolabel/useAutoLabelings";
import { Button, buttonClass } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { LoadFailed } from "@/ui/Notice";
import { countText } from "@/ui/numbers";
import { Skeleton } from "@/ui/Skeleton";
import cards from "./Cards.module.css";
import { ProjectNav } from "./ProjectNav";
import { ProjectSettingsDialog } from "./settings/ProjectSettingsDialog";
import { DropZone, UploadPicker } from "./uploads/DropZone";
import { UploadList } from "./uploads/UploadList";
import { addFiles, onAccepted } from "./uploads/uploader";
import { filterVideos, type VideoStage } from "./videos/stages";
import { VideoCard } from "./videos/VideoCard";
import { VideoFilter } from "./videos/VideoFilter";

interface ProjectPageProps {
  readonly projectId: Id;
  /** From the datasets feature, passed in by the shell. */
  readonly exportButton: ReactNode;
  readonly importButton: ReactNode;
}

export function ProjectPage({ projectId, exportButton, importButton }: ProjectPageProps) {
  const project = useQuery(projectQuery(projectId));
  const videos = useQuery(videosQuery(projectId));
  useVideosAfterUpload(projectId);
  const add = (files: readonly File[]) => addFiles(projectId, files);
  const error = project.error ?? videos.error;
  const retry = () => void Promise.all([project.refetch(), videos.refetch()]);
  const manages = project.data?.allowed.includes("manage") ?? false;
  return (
    <DropZone onFiles={add} disabled={!manages}>
      <div className={cards.page}>
        <Header
          project={project.data}
          onFiles={add}
          datasetButtons={{ manage: importButton, export: exportButton }}
        />
        {error && !videos.data && <LoadFailed error={error} onRetry={retry} />}
        <UploadList projectId={projectId} />
        {!videos.data && !error && <GridSkeleton />}
        {videos.data?.length === 0 &&
          project.data &&
          (manages ? <NoVideos onFiles={add} /> : <NoVideosYet />)}
        {videos.data && videos.data.length > 0 && (
          <VideoGrid projectId={projectId} videos={videos.data} allowed={project.data?.allowed ?? []} />
        )}
      </div>
    </DropZone>
  );
}

interface HeaderProps {
  readonly project: Project | undefined;
  readonly onFiles: (files: readonly File[]) => void;
  /** By the permission that they need. */
  readonly datasetButtons: Readonly<Record<"manage" | "export", ReactNode>>;
}

function Header({ project, onFiles, datasetButtons }: HeaderProps) {
  const may = (permission: Permission) => project?.allowed.includes(permission) ?? false;
  return (
    <header className={cards.header}>
      <div>
        <h1>{project?.name ?? <Skeleton width={220} height={22} />}</h1>
        {project && <p className={cards.facts}>{factsOf(project)}</p>}
      </div>
      <div className={cards.actions}>
        {project && may("annotate") && project.num_videos > 0 && <FindObjectsButton project={project} />}
        {project && may("manage") && <SettingsButton project={project} />}
        {may("manage") && datasetButtons.manage}
        {may("export") && datasetButtons.export}
        {may("manage") && <UploadPicker className={buttonClass("primary")} onFiles={onFiles} />}
      </div>
      {project && <ProjectNav project={project} />}
    </header>
  );
}

function FindObjectsButton({ project }: { readonly project: Project }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid="find-objects-everywhere">
        <Icon name="wand" />
        Find objects
      </Button>
      {open && (
        <AutolabelDialog
          target={{ kind: "project", id: project.id, name: project.name }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

function SettingsButton({ project }: { readonly project: Project }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid="project-settings-button">
        <Icon name="pencil" />
        Settings
      </Button>
      {open && <ProjectSettingsDialog project={project} onClose={() => setOpen(false)} />}
    </>
  );
}

function factsOf({ num_videos, num_masklets, num_verified, stride, long_side, model }: Project): string {
  return [
    countText(num_videos, "video"),
    `${num_verified} of ${countText(num_masklets, "masklet")} verified`,
    stride === 1 ? "every frame annotated" : `1 in ${stride} frames annotated`,
    `at most ${long_side} px`,
    model === null ? "default model" : `model ${model}`,
  ].join(" · ");
}

interface VideoGridProps {
  readonly projectId: Id;
  readonly videos: readonly Video[];
  /** The signed-in person's permissions in the project. */
  readonly allowed: readonly Permission[];
}

function VideoGrid({ projectId, videos, allowed }: VideoGridProps) {
  const labelings = useAutoLabelings(projectId);
  const [stage, setStage] = useState<VideoStage>("all");
  const [text, setText] = useState("");
  const shown = filterVideos(videos, stage, text);
  return (
    <>
      <VideoFilter videos={videos} stage={stage} onStage={setStage} text={text} onText={setText} />
      {shown.length === 0 && (
        <EmptyState icon="search" title="No video matches">
          Choose another filter or clear the search.
        </EmptyState>
      )}
      <ul className={cards.grid} data-testid="videos">
        {shown.map((video) => (
          <VideoCard key={video.id} video={video} labeling={labelings.get(video.id)} allowed={allowed} />
        ))}
      </ul>
    </>
  );
}

function NoVideos({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  return (
    <EmptyState
      icon="upload"
      title="Drop videos anywhere on this page"
      testId="no-videos"
      action={<UploadPicker className={buttonClass("primary")} onFiles={onFiles} testId="upload-first" />}
    >
      Most formats are read; each file becomes a video of record that you see, annotate and export frame by
      frame.
    </EmptyState>
  );
}

function NoVideosYet() {
  return (
    <EmptyState icon="film" title="No videos yet" testId="no-videos">
      A manager of this project uploads them.
    </EmptyState>
  );
}

const SKELETONS = ["a", "b", "c", "d"];

function GridSkeleton() {
  return (
    <div className={cards.grid} aria-busy="true">
      {SKELETONS.map((key) => (
        <Skeleton key={key} height={214} />
      ))}
    </div>
  );
}

function useVideosAfterUpload(projectId: Id): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    return onAccepted((changed) => {
      void queryClient.invalidateQueries({ queryKey: ["projects", changed] });
    });
  }, [queryClient]);
  // The project's counts and poster change when one of its videos becomes ready.
  const settled = useQuery(videosQuery(projectId)).data?.filter(
    (video) => video.state !== "ingesting",
  ).length;
  useEffect(() => {
    if (settled !== undefined)
      void queryClient.invalidateQueries({ queryKey: ["projects", projectId], exact: true });
  }, [queryClient, projectId, settled]);
}
