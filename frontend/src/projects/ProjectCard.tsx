import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { messageOf } from "@/api/problem";
import { deleteProject } from "@/api/projects";
import type { Project } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Icon } from "@/ui/Icon";
import { Menu, MenuItem } from "@/ui/Menu";
import { countText } from "@/ui/numbers";
import { ProgressRing } from "@/ui/ProgressBar";
import { showFailure, showToast } from "@/ui/toasts";
import styles from "./Cards.module.css";
import { ProjectSettingsDialog } from "./settings/ProjectSettingsDialog";

/** A project in the list: its picture, its videos and how far they are. */
export function ProjectCard({ project }: { readonly project: Project }) {
  const { id, name, num_videos, num_masklets, num_verified, poster_video_id } = project;
  return (
    <li className={styles.card} data-testid="project-card">
      <div className={styles.poster}>
        <Icon name="film" size={28} />
        {poster_video_id && <img src={`/api/videos/${poster_video_id}/poster.jpg`} alt="" loading="lazy" />}
      </div>
      {project.is_sample && (
        <div className={styles.corner}>
          <Badge tone="accent">Sample</Badge>
        </div>
      )}
      <div className={styles.body}>
        <ProgressRing
          done={num_verified}
          total={num_masklets}
          label={`${num_verified} of ${num_masklets} masklets verified`}
        />
        <div className={styles.words}>
          <div className={styles.name}>
            <Link href={`/projects/${id}`} className={styles.link} title={name}>
              {name}
            </Link>
          </div>
          <p className={styles.facts}>
            {countText(num_videos, "video")} · {verifiedText(num_verified, num_masklets)}
          </p>
        </div>
        {project.allowed.includes("manage") && <ProjectMenu project={project} />}
      </div>
    </li>
  );
}

function verifiedText(verified: number, total: number): string {
  return total === 0 ? "no masklets yet" : `${verified} of ${total} verified`;
}

function ProjectMenu({ project }: { readonly project: Project }) {
  const [open, setOpen] = useState<"none" | "settings" | "delete">("none");
  const queryClient = useQueryClient();
  const removal = useMutation({
    mutationFn: () => deleteProject(project.id),
    onSuccess: () => showToast(`Deleted ${project.name}`),
    onError: (error) => showFailure(messageOf(error)),
    onSettled: () => {
      setOpen("none");
      return queryClient.invalidateQueries({ queryKey: ["projects"], exact: true });
    },
  });
  const videos = countText(project.num_videos, "video");
  const masklets = countText(project.num_masklets, "masklet");
  return (
    <div className={styles.above}>
      <Menu label={`More about ${project.name}`} testId="project-menu">
        <MenuItem icon="pencil" onSelect={() => setOpen("settings")} testId="open-settings">
          Settings
        </MenuItem>
        <MenuItem icon="trash" danger onSelect={() => setOpen("delete")} testId="delete-project">
          Delete project
        </MenuItem>
      </Menu>
      {open === "settings" && <ProjectSettingsDialog project={project} onClose={() => setOpen("none")} />}
      <ConfirmDialog
        open={open === "delete"}
        title={`Delete ${project.name}?`}
        consequence={`Its ${videos} and ${masklets} are deleted with it. This cannot be undone.`}
        action="Delete project"
        busy={removal.isPending}
        onConfirm={() => removal.mutate()}
        onClose={() => setOpen("none")}
      />
    </div>
  );
}
