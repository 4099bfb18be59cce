import { useQuery } from "@tanstack/react-query";
import { fetchChanges } from "@/api/annotation";
import { timingQuery } from "@/api/queries";
import type { Masklet, MaskletTiming, Video, VideoTiming } from "@/api/types";
import { Dialog } from "@/ui/Dialog";
import { LoadFailed } from "@/ui/Notice";
import { countText, durationText } from "@/ui/numbers";
import { Skeleton } from "@/ui/Skeleton";
import { TableScroll } from "@/ui/TableScroll";
import styles from "./TimingDialog.module.css";

interface TimingDialogProps {
  readonly video: Video;
  readonly onClose: () => void;
}

/** What each masklet of a video has cost: the person's own time or, for managers, everybody's. */
export function TimingDialog({ video, onClose }: TimingDialogProps) {
  const timing = useQuery(timingQuery(video.id));
  const masklets = useQuery({
    queryKey: ["videos", video.id, "masklets"],
    queryFn: async ({ signal }) => (await fetchChanges(video.id, 0, 1000, signal)).masklets,
  }).data;
  const rows = timing.data?.masklets;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Seconds per annotated frame"
      description={video.name}
      width={760}
      testId="timing-dialog"
    >
      {timing.error && !rows && <LoadFailed error={timing.error} onRetry={() => void timing.refetch()} />}
      {!rows && !timing.error && <Skeleton height={120} />}
      {rows?.length === 0 && <p className={styles.none}>No masklet of this video has been worked on yet.</p>}
      {rows && rows.length > 0 && <TimingTable rows={rows} masklets={masklets ?? []} />}
      {timing.data && (
        <p className={styles.note}>
          {!timing.data.sees_everyone && "These are your own seconds; managers see everybody's. "}
          Seconds per frame are active, waiting and reviewing time over annotated frames, with a share of the
          time in which nothing was selected. A person is active until{" "}
          {durationText(timing.data.idle_seconds)} pass without input; verifying is counted apart.{" "}
          {idleText(timing.data)} {gapText(timing.data)}
        </p>
      )}
    </Dialog>
  );
}

interface TimingTableProps {
  readonly rows: readonly MaskletTiming[];
  readonly masklets: readonly Masklet[];
}

function TimingTable({ rows, masklets }: TimingTableProps) {
  const byId = new Map(masklets.map((masklet) => [masklet.id, masklet]));
  return (
    <TableScroll label="Time of each masklet">
      <table className={styles.table} data-testid="timing-table">
        <thead>
          <tr>
            <th scope="col">Masklet</th>
            <th scope="col">s / frame</th>
            <th scope="col">Active</th>
            <th scope="col">Waiting</th>
            <th scope="col">Reviewing</th>
            <th scope="col">Verifying</th>
            <th scope="col">Frames</th>
            <th scope="col">Edited</th>
            <th scope="col">Clicks</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.masklet_id}>
              <th scope="row">{nameOf(byId.get(row.masklet_id))}</th>
              <td className={styles.main}>
                {row.seconds_per_frame === null ? "–" : row.seconds_per_frame.toFixed(2)}
              </td>
              <td>{durationText(row.active_seconds)}</td>
              <td>{durationText(row.waiting_seconds)}</td>
              <td>{durationText(row.reviewing_seconds)}</td>
              <td>{durationText(row.verifying_seconds)}</td>
              <td>{row.annotated_frames}</td>
              <td>{row.edited_frames}</td>
              <td>{row.clicks}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** Shows how little the total depends on the idle limit. */
function idleText({ at_idle }: VideoTiming): string {
  const totals = at_idle.map(
    ({ idle_seconds, annotation_seconds }) => `${durationText(annotation_seconds)} at ${idle_seconds} s`,
  );
  return `In all: ${totals.join(", ")}.`;
}

function gapText({ gaps }: VideoTiming): string {
  if (gaps.length === 0) return "";
  const seconds = gaps.reduce((sum, gap) => sum + gap.seconds, 0);
  return `${countText(gaps.length, "gap")} of ${durationText(seconds)} in the log (sleep, crashes) count nowhere.`;
}

function nameOf(masklet: Masklet | undefined): string {
  if (!masklet) return "Deleted masklet";
  return `${masklet.number} ${masklet.name ?? ""}`.trim();
}
