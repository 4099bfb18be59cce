import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "@/api/problem";
import { updateVideo } from "@/api/projects";
import type { Video } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { SelectField, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import styles from "../settings/Forms.module.css";

const SPLITS = ["train", "val", "test"];

interface VideoDetailsDialogProps {
  readonly video: Video;
  readonly onClose: () => void;
}

/** A manager's data about a video: name, source, and split of the dataset. */
export function VideoDetailsDialog({ video, onClose }: VideoDetailsDialogProps) {
  const [name, setName] = useState(video.name);
  const [source, setSource] = useState(video.split_source ?? "");
  const [split, setSplit] = useState(video.split ?? "");
  const queryClient = useQueryClient();
  const saving = useMutation({
    mutationFn: () => updateVideo(video.id, { name: name.trim(), split_source: source.trim(), split }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["projects", video.project_id] });
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title="Name and source" testId="video-details">
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
        <TextField
          label="Source"
          value={source}
          placeholder="The film, the place or the person it shows"
          hint="Videos of one source stay together: all train a model, or none does. Empty: it is a source of its own."
          onChange={(event) => setSource(event.target.value)}
          data-testid="video-source"
        />
        <SelectField
          label="Split"
          value={split}
          hint="Where exports put it."
          onChange={(event) => setSplit(event.target.value)}
        >
          <option value="">as its source falls, by the project's shares</option>
          {SPLITS.map((value) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </SelectField>
        {saving.error && <Notice tone="bad" title={messageOf(saving.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            type="submit"
            disabled={name.trim() === "" || saving.isPending}
            data-testid="save-details"
          >
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
