import { useState } from "react";
import { Link } from "wouter";
import { isActive } from "@/api/queries";
import type { AutoLabeling, Permission, Video } from "@/api/types";
import { AutolabelDialog } from "@/autolabel/AutolabelDialog";
import { AutolabelProgress } from "@/autolabel/AutolabelProgress";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Icon } from "@/ui/Icon";
import { Menu, MenuItem } from "@/ui/Menu";
import { countText, durationText, rateText } from "@/ui/numbers";
import { ProgressRing } from "@/ui/ProgressBar";
import { Tooltip } from "@/ui/Tooltip";
import cards from "../Cards.module.css";
import { IngestProgress } from "./IngestProgress";
import { stageOf } from "./stages";
import { TimingDialog } from "./TimingDialog";
import { useAnotherTry } from "./useAnotherTry";
import { useVideoRemoval } from "./useVideoRemoval";
import styles from "./VideoCard.module.css";
import { VideoDetailsDialog } from "./VideoDetailsDialog";

interface VideoCardProps {
  readonly video: Video;
  /** The newest search for automatic masklets. */
  readonly labeling?: AutoLabeling | undefined;
  /** The signed-in person's permissions in the project. */
  readonly allowed: readonly Permission[];
}

export function VideoCard({ video, labeling, allowed }: VideoCardProps) {
  return (
    <li className={cards.card} data-testid="video-card" data-state={video.state}>
      <div className={cards.poster}>
        {video.state === "failed" ? <WhyFailed video={video} /> : <Icon name="film" size={28} />}
        {video.poster_url && <img src={video.poster_url} alt="" loading="lazy" />}
        {video.state === "ingesting" && <IngestProgress video={video} />}
        {isActive(labeling?.job ?? null) && (
          <div className={styles.search}>
            <AutolabelProgress labeling={labeling} />
          </div>
        )}
      </div>
      {video.state === "ready" && <div className={styles.format}>{formatOf(video)}</div>}
      {video.state === "failed" ? (
        <FailedBody video={video} allowed={allowed} />
      ) : (
        <Body video={video} allowed={allowed} />
      )}
    </li>
  );
}

function Body({ video, allowed }: VideoCardProps) {
  const { id, name, num_masklets, num_verified } = video;
  const ready = video.state === "ready";
  return (
    <div className={cards.body}>
      {ready && (
        <ProgressRing
          done={num_verified}
          total={num_masklets}
          label={`${num_verified} of ${num_masklets} masklets verified`}
        />
      )}
      <div className={cards.words}>
        <div className={cards.name}>
          {ready ? (
            <Link
              href={`/videos/${id}`}
              className={cards.link}
              title={`Annotate ${name}`}
              data-testid="annotate"
            >
              {name}
            </Link>
          ) : (
            <span className={styles.plainName} title={name}>
              {name}
            </span>
          )}
          <Warnings warnings={warningsOf(video)} />
        </div>
        <p className={cards.facts}>{factsOf(video)}</p>
      </div>
      <VideoMenu video={video} allowed={allowed} />
    </div>
  );
}

function factsOf(video: Video): string {
  if (video.state !== "ready") return "Being prepared";
  const { num_frames, num_masklets } = video;
  const masklets = stageOf(video) === "empty" ? "not started" : countText(num_masklets, "masklet");
  return num_frames === null ? masklets : `${masklets} · ${countText(num_frames, "frame")}`;
}

/** 480×848, 24 fps, 7.3 s */
function formatOf({ width, height, fps, duration_seconds }: Video): string {
  const rate = fps ? `${rateText(fps)} fps · ` : "";
  return `${width}×${height} · ${rate}${durationText(duration_seconds ?? 0)}`;
}

function warningsOf({ warnings, name, same_file_as }: Video): readonly string[] {
  return same_file_as ? [...warnings, `${name} is the same file as ${same_file_as.name}.`] : warnings;
}

function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <span className={cards.above}>
      <Tooltip content={<span className={styles.warnings}>{warnings.join("\n")}</span>}>
        <button type="button" className={styles.warning} aria-label={`Warnings: ${warnings.join(" ")}`}>
          <Icon name="warning" size={14} />
        </button>
      </Tooltip>
    </span>
  );
}

/** Replaces the picture of a file that could not be read, and says why. */
function WhyFailed({ video }: { readonly video: Video }) {
  const { problem } = video;
  return (
    <div className={styles.why} role="alert">
      <Icon name="warning" />
      <p>
        <strong>{problem?.title ?? "This file could not be ingested"}</strong>
        {problem?.detail && <span> {problem.detail}</span>}
      </p>
    </div>
  );
}

/** Of a file that cannot be used nothing is kept. One at which the server failed can be tried again. */
function FailedBody({ video, allowed }: VideoCardProps) {
  const removal = useVideoRemoval(video);
  const anotherTry = useAnotherTry(video);
  return (
    <div className={cards.body}>
      <div className={cards.words}>
        <div className={cards.name}>
          <span className={styles.plainName} title={video.name}>
            {video.name}
          </span>
        </div>
        <p className={cards.facts}>{video.can_retry ? "The file was kept" : "Nothing was kept"}</p>
      </div>
      {video.can_retry && allowed.includes("manage") && (
        <Button
          disabled={anotherTry.isPending}
          onClick={() => anotherTry.mutate()}
          data-testid="retry-failed"
        >
          Try again
        </Button>
      )}
      {allowed.includes("manage") && (
        <Button disabled={removal.isPending} onClick={() => removal.mutate()} data-testid="dismiss-failed">
          Dismiss
        </Button>
      )}
    </div>
  );
}

function VideoMenu({ video, allowed }: VideoCardProps) {
  const [open, setOpen] = useState<"none" | "delete" | "details" | "timing" | "find">("none");
  const removal = useVideoRemoval(video);
  const masklets = countText(video.num_masklets, "masklet");
  if (video.state !== "ready" && !allowed.includes("manage")) return null;
  return (
    <div className={cards.above}>
      <Menu label={`More about ${video.name}`} testId="video-menu">
        {video.state === "ready" && allowed.includes("annotate") && (
          <MenuItem icon="wand" onSelect={() => setOpen("find")} testId="find-objects">
            Find objects
          </MenuItem>
        )}
        {video.state === "ready" && (
          <MenuItem icon="clock" onSelect={() => setOpen("timing")} testId="show-timing">
            Time per frame
          </MenuItem>
        )}
        {video.state === "ready" && allowed.includes("manage") && (
          <MenuItem icon="pencil" onSelect={() => setOpen("details")} testId="show-details">
            Name and source
          </MenuItem>
        )}
        {allowed.includes("manage") && (
          <MenuItem icon="trash" danger onSelect={() => setOpen("delete")}>
            Delete video
          </MenuItem>
        )}
      </Menu>
      {open === "find" && (
        <AutolabelDialog
          target={{ kind: "video", id: video.id, name: video.name }}
          onClose={() => setOpen("none")}
        />
      )}
      {open === "details" && <VideoDetailsDialog video={video} onClose={() => setOpen("none")} />}
      {open === "timing" && <TimingDialog video={video} onClose={() => setOpen("none")} />}
      <ConfirmDialog
        open={open === "delete"}
        title={`Delete ${video.name}?`}
        consequence={`Its ${masklets} are deleted with it. This cannot be undone.`}
        action="Delete video"
        busy={removal.isPending}
        onConfirm={() => removal.mutate()}
        onClose={() => setOpen("none")}
      />
    </div>
  );
}
