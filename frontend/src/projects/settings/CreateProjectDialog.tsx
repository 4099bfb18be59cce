import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { messageOf } from "@/api/problem";
import { createProject } from "@/api/projects";
import type { Phase } from "@/api/types";
import { useActionId } from "@/api/useActionId";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { SelectField, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import styles from "./Forms.module.css";
import { ModelField } from "./ModelField";
import { PhaseField } from "./PhaseField";

interface CreateProjectDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Creates a project and opens it. */
export function CreateProjectDialog({ open, onClose }: CreateProjectDialogProps) {
  return (
    <Dialog open={open} onClose={onClose} title="New project" testId="create-project">
      <CreateProjectForm onClose={onClose} />
    </Dialog>
  );
}

const LONG_SIDES = [640, 960, 1280, 1920, 2560, 3840];

function CreateProjectForm({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState("");
  const [stride, setStride] = useState("4");
  const [longSide, setLongSide] = useState(1920);
  const [model, setModel] = useState<string | null>(null);
  const [phase, setPhase] = useState<Phase>("sam2");
  const body = { name: name.trim(), stride: Number(stride), long_side: longSide, model, phase };
  const actionId = useActionId(body);
  const [, navigate] = useLocation();
  const queryClient = useQueryClient();
  const creation = useMutation({
    mutationFn: () => createProject(body, actionId),
    onSuccess: (project) => {
      void queryClient.invalidateQueries({ queryKey: ["projects"], exact: true });
      onClose();
      navigate(`/projects/${project.id}`);
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (body.name !== "" && !creation.isPending) creation.mutate();
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label="Name"
        value={name}
        maxLength={200}
        placeholder="Kitchen, egocentric"
        onChange={(event) => setName(event.target.value)}
        data-testid="project-name"
      />
      <div className={styles.pair}>
        <TextField
          label="Stride"
          type="number"
          min={1}
          max={100}
          value={stride}
          hint={strideHint(Number(stride))}
          onChange={(event) => setStride(event.target.value)}
          data-testid="project-stride"
        />
        <SelectField
          label="Long side at most"
          value={longSide}
          hint="Larger videos are scaled down; none is enlarged."
          onChange={(event) => setLongSide(Number(event.target.value))}
        >
          {LONG_SIDES.map((value) => (
            <option key={value} value={value}>
              {value} px
            </option>
          ))}
        </SelectField>
      </div>
      <PhaseField value={phase} onChange={setPhase} />
      <ModelField value={model} onChange={setModel} />
      {creation.error && <Notice tone="bad" title={messageOf(creation.error)} />}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="primary"
          type="submit"
          disabled={body.name === "" || creation.isPending}
          data-testid="create"
        >
          Create project
        </Button>
      </DialogActions>
    </form>
  );
}

function strideHint(stride: number): string {
  if (!Number.isInteger(stride) || stride < 1) return "A whole number of frames, 1 or more.";
  const rate = Number((24 / stride).toFixed(1));
  return stride === 1 ? "Every frame is annotated." : `1 frame in ${stride}: ${rate} a second at 24 fps.`;
}
