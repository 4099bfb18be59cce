import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "@/api/problem";
import { renameProject } from "@/api/projects";
import type { Project } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import styles from "./Forms.module.css";

interface RenameProjectDialogProps {
  readonly project: Project;
  readonly onClose: () => void;
}

export function RenameProjectDialog({ project, onClose }: RenameProjectDialogProps) {
  const [name, setName] = useState(project.name);
  const queryClient = useQueryClient();
  const rename = useMutation({
    mutationFn: () => renameProject(project.id, name.trim()),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["projects"] });
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title="Rename project">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate();
        }}
      >
        <TextField
          label="Name"
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.target.value)}
        />
        {rename.error && <Notice tone="bad" title={messageOf(rename.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" type="submit" disabled={name.trim() === "" || rename.isPending}>
            Rename
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
