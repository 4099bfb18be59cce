import { useQuery } from "@tanstack/react-query";
import { ontologyQuery, projectQuery } from "@/api/queries";
import { AttributeField, ChoiceField } from "./AttributeField";
import styles from "./Attributes.module.css";
import { useVideoLabels } from "./useVideoLabels";

const ENVIRONMENTS = ["Indoor", "Outdoor"];
const NEEDED = "Needed to submit";

/** The labels the project asks for on every video; nothing if it asks for none. */
export function VideoLabels({
  videoId,
  projectId,
}: {
  readonly videoId: string;
  readonly projectId: string;
}) {
  const { video, label } = useVideoLabels(videoId);
  const project = useQuery(projectQuery(projectId)).data;
  const ontology = useQuery(ontologyQuery(projectId)).data?.ontology;
  if (project === undefined || ontology === undefined || video === undefined) return null;
  const attributes = ontology.attributes.filter(({ scope }) => scope === "video");
  if (!project.needs_environment && attributes.length === 0) return null;
  return (
    <section className={styles.labels} aria-label="This video" data-testid="video-labels">
      <h3>This video</h3>
      {project.needs_environment && (
        <ChoiceField
          name="Environment"
          word={video.environment || null}
          unsaid={NEEDED}
          options={ENVIRONMENTS.map((name) => ({ word: name, name }))}
          onChoose={(environment) => label({ environment: environment ?? "" })}
        />
      )}
      {attributes.map((attribute) => (
        <AttributeField
          key={attribute.id}
          attribute={attribute}
          value={video.attributes[attribute.id]?.[0] ?? null}
          missing={NEEDED}
          onChange={(value) => label({ attributes: [{ attribute_id: attribute.id, frame_index: 0, value }] })}
        />
      ))}
    </section>
  );
}
