import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { startExport } from "@/api/exports";
import { messageOf } from "@/api/problem";
import { exportFormatsQuery, exportsQuery } from "@/api/queries";
import type { ExportFormat, Id } from "@/api/types";
import { useActionId } from "@/api/useActionId";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { Switch } from "@/ui/Switch";
import styles from "./ExportDialog.module.css";
import { ExportRow } from "./ExportRow";
import { takenBy, USUAL } from "./exportChoices";
import { FormatPicker } from "./FormatPicker";
import { MoreChoices } from "./MoreChoices";

interface ExportDialogProps {
  readonly projectId: Id;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Starts an export of a project and lists the finished ones. */
export function ExportDialog({ projectId, open, onClose }: ExportDialogProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Export dataset" width={600} testId="export-dialog">
      <NewExportForm projectId={projectId} />
      <PastExports projectId={projectId} />
    </Dialog>
  );
}

function NewExportForm({ projectId }: { readonly projectId: Id }) {
  const { data: formats } = useQuery(exportFormatsQuery);
  const [name, setName] = useState("sa_v");
  const format = formats?.find((each) => each.name === name);
  return (
    <>
      <FormatPicker value={name} onChange={setName} />
      {format ? <ChoicesForm projectId={projectId} format={format} /> : <Skeleton height={120} />}
    </>
  );
}

function ChoicesForm({ projectId, format }: { readonly projectId: Id; readonly format: ExportFormat }) {
  const [choices, setChoices] = useState(USUAL);
  const [round, setRound] = useState(0);
  const body = takenBy(format, choices);
  // The round tells a second export of the same kind from a repeated request.
  const actionId = useActionId({ ...body, round });
  const queryClient = useQueryClient();
  const start = useMutation({
    mutationFn: () => startExport(projectId, body, actionId),
    onSuccess: (started) => {
      setRound(round + 1);
      const { queryKey } = exportsQuery(projectId);
      queryClient.setQueryData(queryKey, (known) => [started, ...(known ?? [])]);
      return queryClient.invalidateQueries({ queryKey });
    },
  });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate();
      }}
    >
      <Switch
        checked={choices.only_satisfactory}
        onChange={(only_satisfactory) => setChoices({ ...choices, only_satisfactory })}
        label="Only satisfactory masklets"
        hint="Leaves out what no verifier has accepted."
        testId="only-satisfactory"
      />
      {format.every_frame && (
        <Switch
          checked={choices.every_frame}
          onChange={(every_frame) => setChoices({ ...choices, every_frame })}
          label="Every frame"
          hint="Not only the annotated ones. Frames that nobody tracked count as absent."
          testId="every-frame"
        />
      )}
      <MoreChoices projectId={projectId} format={format} value={choices} onChange={setChoices} />
      {start.error && <Notice tone="bad" title={messageOf(start.error)} />}
      <Button
        tone="primary"
        type="submit"
        disabled={start.isPending || choices.video_ids?.length === 0 || choices.classes?.length === 0}
        data-testid="start-export"
      >
        Export
      </Button>
    </form>
  );
}

function PastExports({ projectId }: { readonly projectId: Id }) {
  const { data: exports } = useQuery(exportsQuery(projectId));
  return (
    <section className={styles.past}>
      <h3>Exports of this project</h3>
      {!exports && <Skeleton height={40} />}
      {exports?.length === 0 && <p className={styles.none}>None yet. The first one will be listed here.</p>}
      <ul className={styles.list} data-testid="exports">
        {exports?.map((item) => (
          <ExportRow key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}
