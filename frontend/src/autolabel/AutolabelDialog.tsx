import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { labelProject, labelVideo } from "@/api/autolabel";
import { messageOf } from "@/api/problem";
import type { AutoLabelingOptions, Id } from "@/api/types";
import { useActionId } from "@/api/useActionId";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { SelectField, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { showToast } from "@/ui/toasts";
import styles from "./AutolabelDialog.module.css";
import { INITIAL_FORM, optionsOf, POINTS, type PointsName, type SearchForm } from "./options";

/** One video, or all videos of a project that were not searched before. */
export type Target = { readonly kind: "video" | "project"; readonly id: Id; readonly name: string };

interface AutolabelDialogProps {
  readonly target: Target;
  readonly onClose: () => void;
}

export function AutolabelDialog({ target, onClose }: AutolabelDialogProps) {
  const [form, setForm] = useState(INITIAL_FORM);
  const set = (change: Partial<SearchForm>) => setForm((known) => ({ ...known, ...change }));
  const options = optionsOf(form);
  const queryClient = useQueryClient();
  const actionId = useActionId(JSON.stringify(options));
  const starting = useMutation({
    mutationFn: (body: AutoLabelingOptions) => start(target, body, actionId),
    onSuccess: async (begun) => {
      if (begun === 0) showToast("Every video of this project was searched before");
      await queryClient.invalidateQueries({ queryKey: ["auto-labelings"] });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={target.kind === "video" ? "Find objects automatically" : "Find objects in all videos"}
      description="The model looks for everything on key frames and carries what it finds through the video. What it
        finds waits in the review queue, marked as automatic."
      testId="autolabel-dialog"
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (options !== null) starting.mutate(options);
        }}
      >
        <Where form={form} set={set} />
        <Thresholds form={form} set={set} />
        {starting.error && <Notice tone="bad" title={messageOf(starting.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            type="submit"
            disabled={options === null || starting.isPending}
            data-testid="start-autolabel"
          >
            Find objects
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface PartProps {
  readonly form: SearchForm;
  readonly set: (change: Partial<SearchForm>) => void;
}

function Where({ form, set }: PartProps) {
  return (
    <div className={styles.pair}>
      <TextField
        label="Objects at most"
        inputMode="numeric"
        value={form.maxMasklets}
        onChange={(event) => set({ maxMasklets: event.target.value })}
        data-testid="autolabel-max"
      />
      <SelectField
        label="Key frames"
        value={form.every}
        onChange={(event) => set({ every: event.target.value })}
        data-testid="autolabel-every"
      >
        <option value="">The first frame only</option>
        <option value="1">Every second</option>
        <option value="2">Every 2 seconds</option>
        <option value="4">Every 4 seconds</option>
        <option value="10">Every 10 seconds</option>
      </SelectField>
    </div>
  );
}

function Thresholds({ form, set }: PartProps) {
  return (
    <>
      <div className={styles.pair}>
        <SelectField
          label="Points asked"
          value={form.points}
          onChange={(event) => set({ points: event.target.value as PointsName })}
          data-testid="autolabel-points"
        >
          {POINTS.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Smallest object, % of the frame"
          inputMode="decimal"
          value={form.minArea}
          onChange={(event) => set({ minArea: event.target.value })}
        />
      </div>
      <div className={styles.pair}>
        <TextField
          label="Predicted IoU over"
          inputMode="decimal"
          placeholder="as the model needs"
          value={form.minPredictedIou}
          onChange={(event) => set({ minPredictedIou: event.target.value })}
        />
        <TextField
          label="Stability from"
          inputMode="decimal"
          placeholder="as the model needs"
          value={form.minStability}
          onChange={(event) => set({ minStability: event.target.value })}
        />
      </div>
      <p className={styles.note}>
        Released SAM 2 models are asked as SA-V was made: three grids, predicted IoU over 0.8, stability from
        0.95. Small models get 16 × 16 points, 0.3 and 0.7.
      </p>
    </>
  );
}

/** How many searches began. */
async function start(target: Target, body: AutoLabelingOptions, actionId: Id): Promise<number> {
  if (target.kind === "project") return (await labelProject(target.id, body, actionId)).length;
  await labelVideo(target.id, body, actionId);
  return 1;
}
