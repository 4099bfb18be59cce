import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "@/api/problem";
import { labelVideo } from "@/api/projects";
import { ontologyQuery, projectQuery, videoQuery } from "@/api/queries";
import type { Video } from "@/api/types";
import { SelectField } from "@/ui/Field";
import { showFailure } from "@/ui/toasts";
import { AttributeField } from "./AttributeField";
import styles from "./VideoLabels.module.css";

const ENVIRONMENTS = ["Indoor", "Outdoor"];
const NEEDED = "Needed before submitting";

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
  const ontology = useQuery(ontologyQuery(projectId)).data?.ontology;
  const video = useQuery(videoQuery(videoId)).data;
  const { mutate } = useMutation({
    mutationFn: (change: Parameters<typeof labelVideo>[1]) => labelVideo(videoId, change),
    onSuccess: (labelled: Video) => queryClient.setQueryData(videoQuery(videoId).queryKey, labelled),
    onError: (error) => showFailure(messageOf(error)),
  });
  if (project === undefined || ontology === undefined || video === undefined) return null;
  const attributes = ontology.attributes.filter(({ scope }) => scope === "video");
  if (!project.needs_environment && attributes.length === 0) return null;
  return (
    <section className={styles.labels} aria-label="This video" data-testid="video-labels">
      <h3>This video</h3>
      {project.needs_environment && (
        <SelectField
          label="Environment"
          value={video.environment ?? ""}
          onChange={(event) => mutate({ environment: event.target.value })}
        >
          <option value="">{NEEDED}</option>
          {ENVIRONMENTS.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </SelectField>
      )}
      {attributes.map((attribute) => (
        <AttributeField
          key={attribute.id}
          attribute={attribute}
          value={video.attributes[attribute.id]?.[0] ?? null}
          missing={NEEDED}
          onChange={(value) =>
            mutate({ attributes: [{ attribute_id: attribute.id, frame_index: 0, value }] })
          }
        />
      ))}
    </section>
  );
}
