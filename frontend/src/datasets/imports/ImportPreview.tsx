import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { chooseMatch, startImport } from "@/api/imports";
import { messageOf } from "@/api/problem";
import { importQuery, importsQuery, videosQuery } from "@/api/queries";
import type { Id, ImportDetails, ImportVideo, NewImport, Video } from "@/api/types";
import { Button } from "@/ui/Button";
import { SelectField } from "@/ui/Field";
import { Icon } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";
import { countText } from "@/ui/numbers";
import styles from "./Import.module.css";
import { ImportOntology, type ImportOptions } from "./ImportOntology";
import { contentText, objectsText, planText, worstFirst } from "./importWords";

const SHOWN = 100;
const LEFT_OUT = "";

type Then = NewImport["then"];

/** What the dataset would make here, and which video is meant by each of its own. Nothing is made before "Import". */
export function ImportPreview({ item }: { readonly item: ImportDetails }) {
  const queryClient = useQueryClient();
  const { data: videos } = useQuery(videosQuery(item.project_id));
  const [then, setThen] = useState<Then>("annotate");
  const [options, setOptions] = useState<ImportOptions>({ labels: "classes", take_attributes: true });
  const { queryKey } = importQuery(item.id);
  const choice = useMutation({
    mutationFn: ({ key, videoId }: { readonly key: string; readonly videoId: Id | null }) =>
      chooseMatch(item.id, key, videoId),
    onSuccess: (changed) => queryClient.setQueryData(queryKey, changed),
  });
  const start = useMutation({
    mutationFn: () => startImport(item.id, then, options),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey }),
        queryClient.invalidateQueries({ queryKey: importsQuery(item.project_id).queryKey }),
      ]),
  });
  const shown = worstFirst(item.videos).slice(0, SHOWN);
  const error = choice.error ?? start.error;
  const makesNothing = item.videos.every(({ fault }) => fault !== null);
  return (
    <form
      className={styles.details}
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate();
      }}
    >
      <p className={styles.facts}>{contentText(item)}</p>
      <ul className={styles.list} data-testid="import-videos">
        {shown.map((video) => (
          <MatchRow
            key={video.key}
            match={video}
            videos={videos ?? []}
            onChoose={(videoId) => choice.mutate({ key: video.key, videoId })}
          />
        ))}
      </ul>
      {item.videos.length > SHOWN && (
        <p className={styles.facts}>and {countText(item.videos.length - SHOWN, "more video")}</p>
      )}
      <ImportOntology item={item} options={options} onChange={setOptions} />
      <SelectField
        label="Then"
        value={then}
        onChange={(event) => setThen(event.target.value as Then)}
        hint="Imported masks count as nobody's work, and propagation does not write over them."
        data-testid="import-then"
      >
        <option value="annotate">Annotators go on with the objects</option>
        <option value="verify">Verifiers judge the objects</option>
      </SelectField>
      {error && <Notice tone="bad" title={messageOf(error)} />}
      <div className={styles.line}>
        <strong data-testid="import-plan">{planText(item.videos)}</strong>
        <Button
          tone="primary"
          type="submit"
          disabled={makesNothing || start.isPending}
          data-testid="start-import"
        >
          Import
        </Button>
      </div>
    </form>
  );
}

interface MatchRowProps {
  readonly match: ImportVideo;
  readonly videos: readonly Video[];
  readonly onChoose: (videoId: Id | null) => void;
}

function MatchRow({ match, videos, onChoose }: MatchRowProps) {
  const { name, fault, num_objects_here: here } = match;
  return (
    <li className={styles.row} data-testid="import-video" data-fault={fault !== null}>
      <span className={styles.words}>
        <span className={styles.name}>{name}</span>
        <span className={styles.facts}>{objectsText(match)}</span>
        {fault !== null && (
          <span className={styles.fault}>
            <Icon name="warning" size={12} /> Left out: {fault}
          </span>
        )}
        {match.num_never_visible > 0 && (
          <span className={styles.facts}>
            {countText(match.num_never_visible, "object")} without a mask will be left out.
          </span>
        )}
        {fault === null && here > 0 && (
          <span className={styles.facts}>
            The video here has {countText(here, "object")}, which stay as they are.
          </span>
        )}
        {fault === null && match.keeps_values && (
          <span className={styles.facts}>What was said here of the video and its frames stays.</span>
        )}
      </span>
      <Icon name="right" />
      <select
        aria-label={`Video here for ${name}`}
        className={styles.select}
        value={match.video_id ?? LEFT_OUT}
        onChange={(event) => onChoose(event.target.value === LEFT_OUT ? null : event.target.value)}
        data-testid="import-match"
      >
        <option value={LEFT_OUT}>Leave out</option>
        {videos.map((video) => (
          <option key={video.id} value={video.id}>
            {video.name}
          </option>
        ))}
      </select>
    </li>
  );
}
