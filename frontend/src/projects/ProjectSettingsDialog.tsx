import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "@/api/problem";
import { updateProject } from "@/api/projects";
import type { Project } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import styles from "./Forms.module.css";
import { ModelField } from "./ModelField";

interface ProjectSettingsDialogProps {
  readonly project: Project;
  readonly onClose: () => void;
}

export function ProjectSettingsDialog({ project, onClose }: ProjectSettingsDialogProps) {
  const [name, setName] = useState(project.name);
  const [model, setModel] = useState(project.model);
  const queryClient = useQueryClient();
  const saving = useMutation({
    // Only what was changed: a model that is gone must not keep anybody from renaming.
    mutationFn: () =>
      updateProject(project.id, { name: name.trim(), ...(model === project.model ? {} : { model }) }),
    onSuccess: async () => {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ["projects"] }),
        queryClient.invalidateQueries({ queryKey: ["models"] }),
      ]);
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title="Project settings" testId="project-settings">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <TextField
          label="Name"
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.target.value)}
        />
        <ModelField
          value={model}
          onChange={setModel}
          note="Masks made from now on are its; earlier ones stay."
        />
        {saving.error && <Notice tone="bad" title={messageOf(saving.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            type="submit"
            disabled={name.trim() === "" || saving.isPending}
            data-testid="save-settings"
          >
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
