import type { DatasetImport, ImportAttribute, ImportClass, ImportVideo } from "@/api/types";
import { countText } from "@/ui/numbers";

/** What is to be said of an import in one line. */
export function importFacts(item: DatasetImport): string {
  switch (item.state) {
    case "received":
      return "Being read";
    case "failed":
      return "It could not be read";
    case "ready":
      return `Waits for you: ${contentText(item)}`;
    case "writing":
      return "Being imported";
    case "done":
      return `${countText(item.num_made, "object")} imported`;
    case "undone":
      return item.num_kept === 0
        ? `${countText(item.num_made, "object")} taken back`
        : `Taken back but for ${countText(item.num_kept, "object")} that somebody had worked on`;
    default:
      return item.state satisfies never;
  }
}

/** What a dataset holds. */
export function contentText({ title, num_videos, num_objects, num_masks }: DatasetImport): string {
  const counts = [
    countText(num_objects, "object"),
    countText(num_masks, "mask"),
    countText(num_videos, "video"),
  ];
  return [title, ...counts].filter(Boolean).join(" · ");
}

/** What would be made, and what would be left out. */
export function planText(videos: readonly ImportVideo[]): string {
  const made = videos.filter(({ fault }) => fault === null);
  const objects = made.reduce((sum, { num_objects }) => sum + num_objects, 0);
  const left = videos.length - made.length;
  const leftOut = left === 0 ? "" : ` ${countText(left, "video")} of the dataset will be left out.`;
  if (made.length === 0) return `Nothing will be made.${leftOut}`;
  return `${countText(objects, "object")} in ${countText(made.length, "video")} will be made.${leftOut}`;
}

/** How many classes or attributes of a dataset are new here, known here and left out. */
export function matchText(parts: readonly { readonly here: string | null; readonly fault: string | null }[]) {
  const usable = parts.filter(({ fault }) => fault === null);
  const known = usable.filter(({ here }) => here !== null).length;
  const counts = [
    [usable.length - known, "new"],
    [known, "in the project"],
    [parts.length - usable.length, "left out"],
  ] as const;
  return counts
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count} ${words}`)
    .join(" · ");
}

/** What becomes of a class of the dataset. */
export function classText({ name, class_name, num_objects }: ImportClass): string {
  return `${countText(num_objects, "object")} · ${hereText(name, class_name)}`;
}

/** What becomes of an attribute of the dataset. */
export function attributeText({ name, attribute_name, new_choices, num_values }: ImportAttribute): string {
  const choices = attribute_name === null ? [] : new_choices;
  const added = choices.length === 0 ? "" : ` and gets the ${choices.length === 1 ? "choice" : "choices"} `;
  return `said ${countText(num_values, "time")} · ${hereText(name, attribute_name)}${added}${choices.join(", ")}`;
}

function hereText(name: string, here: string | null): string {
  if (here === null) return "will be made";
  return here === name ? "is in the project" : `is ${here} in the project`;
}

/** What an import did to the project's ontology, and what it could not take; empty if there is nothing to say. */
export function resultText(item: DatasetImport): string {
  const { num_classes_made: classes, num_attributes_made: attributes } = item;
  const made = [
    classes > 0 && (classes === 1 ? "1 class" : `${classes} classes`),
    attributes > 0 && countText(attributes, "attribute"),
  ].filter(Boolean);
  const said = [
    made.length > 0 && `${made.join(" and ")} added to the project.`,
    item.num_without_class > 0 && `${countText(item.num_without_class, "object")} without a class.`,
    item.num_values_left_out > 0 && `${countText(item.num_values_left_out, "value")} left out.`,
  ];
  return said.filter(Boolean).join(" ");
}

/** The share that is done; null while nobody can tell. */
export function shareOf({ job }: DatasetImport): number | null {
  if (job?.state !== "running") return 0;
  return job.total > 0 ? job.done / job.total : null;
}

/** The objects of a dataset's video by their first names. */
export function objectsText({ objects, num_objects, num_masks }: ImportVideo): string {
  const named = objects.filter((name) => name !== "");
  const more = num_objects - named.length;
  const names = named.length === 0 ? countText(num_objects, "object") : named.join(", ");
  const rest = named.length > 0 && more > 0 ? ` and ${more} more` : "";
  return `${names}${rest} · ${countText(num_masks, "mask")}`;
}

/** Those that need a look first; otherwise in the dataset's order. */
export function worstFirst(videos: readonly ImportVideo[]): readonly ImportVideo[] {
  return videos.toSorted((one, other) => Number(one.fault === null) - Number(other.fault === null));
}
