import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "@/api/problem";
import { updateProject } from "@/api/projects";
import type { Project } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Switch } from "@/ui/Switch";
import { DatasetRules, rulesOf } from "./DatasetRules";
import styles from "./Forms.module.css";
import { ModelField } from "./ModelField";

interface ProjectSettingsDialogProps {
  readonly project: Project;
  readonly onClose: () => void;
}

/** Changes a project's name, model and dataset rules. */
export function ProjectSettingsDialog({ project, onClose }: ProjectSettingsDialogProps) {
  const [name, setName] = useState(project.name);
  const [model, setModel] = useState(project.model);
  const [selectFirst, setSelectFirst] = useState(project.select_first);
  const [separate, setSeparate] = useState(project.separate_verifiers);
  const [rules, setRules] = useState(() => rulesOf(project));
  const queryClient = useQueryClient();
  const saving = useMutation({
    // Sends only what changed: a removed model must not block a rename.
    mutationFn: () =>
      updateProject(project.id, {
        name: name.trim(),
        ...(model === project.model ? {} : { model }),
        select_first: selectFirst,
        separate_verifiers: separate,
        min_edited_frames: Number(rules.minEdited),
        needs_environment: rules.needsEnvironment,
        val_percent: Number(rules.val),
        test_percent: Number(rules.test),
      }),
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
        <Switch
          label="Select objects first"
          hint="New videos begin with a task that outlines objects on one frame; somebody else carries them on."
          checked={selectFirst}
          onChange={setSelectFirst}
        />
        <Switch
          label="Somebody else verifies"
          hint="Once there are two people, nobody judges a masklet they worked on."
          checked={separate}
          onChange={setSeparate}
        />
        <DatasetRules rules={rules} onChange={setRules} />
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
