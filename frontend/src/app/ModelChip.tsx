import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { modelQuery } from "@/api/queries";
import { Badge } from "@/ui/Badge";
import { Icon } from "@/ui/Icon";
import { Tooltip } from "@/ui/Tooltip";
import styles from "./TopBar.module.css";

/** Which model answers, and where it runs; never hidden, because quality and speed depend on it. */
export function ModelChip() {
  const { data: model } = useQuery(modelQuery);
  if (!model) return null;
  const place = model.device.startsWith("cuda") ? "GPU" : "CPU";
  return (
    <Tooltip content={`${model.name} ${model.version}, ${model.input_size} px, ${model.precision}`}>
      <Link href="/model" className={styles.chip} data-testid="model-chip">
        <Icon name="chip" size={14} />
        {model.name}
        <Badge>{place}</Badge>
        {model.builtin && <Badge tone="accent">built in</Badge>}
      </Link>
    </Tooltip>
  );
}
