import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { modelQuery, modelsQuery } from "@/api/queries";
import { Badge } from "@/ui/Badge";
import { Icon } from "@/ui/Icon";
import { Tooltip } from "@/ui/Tooltip";
import styles from "./TopBar.module.css";
import { useHere } from "./useHere";

/** The model in use and its hardware; always visible, because quality and speed depend on it. */
export function ModelChip() {
  const chosen = useHere().project?.model ?? null;
  const { data: running } = useQuery(modelQuery);
  const { data: catalogue } = useQuery({ ...modelsQuery, enabled: chosen !== null });
  if (!running) return null;
  const model = chosen === null ? running : catalogue?.models.find(({ name }) => name === chosen);
  const hardware = running.device.startsWith("cuda") ? "GPU" : "CPU";
  const words = model
    ? `${model.name} ${model.version}, ${model.input_size} px, ${running.precision}`
    : "This project's model is not on the server";
  const unusable = catalogue !== undefined && (!model || ("problem" in model && model.problem !== null));
  return (
    <Tooltip content={words}>
      <Link href="/model" className={styles.chip} data-testid="model-chip">
        <Icon name="chip" size={14} />
        <span className={styles.modelName}>{chosen ?? running.name}</span>
        <span className={styles.extra}>
          <Badge>{hardware}</Badge>
          {model?.builtin && <Badge tone="accent">built in</Badge>}
        </span>
        {chosen !== null && unusable && <Badge tone="bad">cannot be used</Badge>}
      </Link>
    </Tooltip>
  );
}
