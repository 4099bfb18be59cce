import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "@/api/problem";
import { labelVideo } from "@/api/projects";
import { projectQuery, videoQuery } from "@/api/queries";
import type { Video } from "@/api/types";
import { SelectField } from "@/ui/Field";
import { showFailure } from "@/ui/toasts";
import styles from "./VideoLabels.module.css";

const ENVIRONMENTS = ["Indoor", "Outdoor"];

/** The labels the project asks for on every video; nothing if it asks for none. */
export function VideoLabels({
  videoId,
  projectId,
}: {
  readonly videoId: string;
  readonly projectId: string;
}) {
  const queryClient = useQueryClient();
  const project = useQuery(projectQuery(projectId)).data;
  const video = useQuery(videoQuery(videoId)).data;
  const { mutate } = useMutation({
    mutationFn: (change: Parameters<typeof labelVideo>[1]) => labelVideo(videoId, change),
    onSuccess: (labelled: Video) => queryClient.setQueryData(videoQuery(videoId).queryKey, labelled),
    onError: (error) => showFailure(messageOf(error)),
  });
  if (project === undefined || video === undefined) return null;
  if (!project.needs_environment && project.attributes.length === 0) return null;
  return (
    <section className={styles.labels} aria-label="This video" data-testid="video-labels">
      <h3>This video</h3>
      {project.needs_environment && (
        <Choice
          name="Environment"
          value={video.environment ?? ""}
          values={ENVIRONMENTS}
          required
          onChoose={(environment) => mutate({ environment })}
        />
      )}
      {project.attributes.map(({ key, values, required }) => (
        <Choice
          key={key}
          name={key}
          value={video.attributes[key] ?? ""}
          values={values}
          required={required}
          onChoose={(value) => mutate({ attributes: { [key]: value } })}
        />
      ))}
    </section>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly value: string;
  readonly values: readonly string[];
  readonly required: boolean;
  readonly onChoose: (value: string) => void;
}

function Choice({ name, value, values, required, onChoose }: ChoiceProps) {
  // A value the project no longer offers stays visible.
  const offered = value === "" || values.includes(value) ? values : [...values, value];
  return (
    <SelectField label={name} value={value} onChange={(event) => onChoose(event.target.value)}>
      <option value="">{required ? "Needed before submitting" : "Not said"}</option>
      {offered.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </SelectField>
  );
}
