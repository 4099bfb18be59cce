import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { messageOf } from "@/api/problem";
import { phasesQuery, studyChoicesQuery } from "@/api/queries";
import { createStudy } from "@/api/studies";
import type { Id } from "@/api/types";
import { useActionId } from "@/api/useActionId";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { isBalanced } from "./plan";
import styles from "./StudiesPage.module.css";

interface CreateStudyDialogProps {
  readonly projectId: Id;
  readonly onClose: () => void;
  readonly onCreated: (studyId: Id) => void;
}

/** Plans a study: which objects, which phases, which annotators. */
export function CreateStudyDialog({ projectId, onClose, onCreated }: CreateStudyDialogProps) {
  const choices = useQuery(studyChoicesQuery(projectId)).data;
  const numPhases = useQuery(phasesQuery).data?.length ?? 3;
  const [name, setName] = useState("");
  const [objects, setObjects] = useState<ReadonlySet<Id>>(new Set());
  const [people, setPeople] = useState<ReadonlySet<Id>>(new Set());
  const body = { name: name.trim(), selected_ids: [...objects], user_ids: [...people] };
  const actionId = useActionId(body);
  const queryClient = useQueryClient();
  const creation = useMutation({
    mutationFn: () => createStudy(projectId, body, actionId),
    onSuccess: (study) => {
      void queryClient.invalidateQueries({ queryKey: ["projects", projectId, "studies"] });
      onCreated(study.id);
      onClose();
    },
  });
  const ready = body.name !== "" && objects.size > 0 && people.size > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !creation.isPending) creation.mutate();
  };
  const objectRows = (choices?.objects ?? []).map(({ masklet_id, name: object, video_name }) => {
    return { id: masklet_id, label: object, hint: video_name };
  });
  const personRows = (choices?.people ?? []).map(({ user_id, name: person }) => {
    return { id: user_id, label: person, hint: "" };
  });
  return (
    <Dialog open onClose={onClose} title="New study" width={560} testId="create-study">
      <form className={styles.form} onSubmit={submit}>
        <TextField
          label="Name"
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.target.value)}
          data-testid="study-name"
        />
        <div className={styles.choices}>
          <Choices
            title="Objects"
            rows={objectRows}
            chosen={objects}
            onChange={setObjects}
            empty="No object has a mask that somebody made."
          />
          <Choices
            title="People"
            rows={personRows}
            chosen={people}
            onChange={setPeople}
            empty="The project has no members."
          />
        </div>
        <p className={styles.facts} data-testid="balance">
          {isBalanced(people.size, numPhases)
            ? "Balanced: every object is done once under each phase by every group of people."
            : `Choose ${numPhases} people, or a multiple: then every object is done equally often under each phase.`}
        </p>
        {creation.error && <Notice tone="bad" title={messageOf(creation.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            type="submit"
            disabled={!ready || creation.isPending}
            data-testid="plan-study"
          >
            Plan it
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface ChoicesProps {
  readonly title: string;
  readonly rows: readonly { readonly id: Id; readonly label: string; readonly hint: string }[];
  readonly chosen: ReadonlySet<Id>;
  readonly onChange: (chosen: ReadonlySet<Id>) => void;
  readonly empty: string;
}

function Choices({ title, rows, chosen, onChange, empty }: ChoicesProps) {
  const toggle = (id: Id) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  return (
    <fieldset className={styles.choice}>
      <legend>
        {title} <span>{chosen.size}</span>
      </legend>
      {rows.length === 0 && <p className={styles.facts}>{empty}</p>}
      {rows.map(({ id, label, hint }) => (
        <label key={id}>
          <input type="checkbox" checked={chosen.has(id)} onChange={() => toggle(id)} />
          {label} <span>{hint}</span>
        </label>
      ))}
    </fieldset>
  );
}
