import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { useMe } from "@/api/useMe";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { countText } from "@/ui/numbers";
import { Tooltip } from "@/ui/Tooltip";
import { abandonedEntries, discard } from "@/workspace/sync/shelf";
import styles from "./TopBar.module.css";

const LOOK_MILLISECONDS = 5000;

/** Edits that a closed page could not send, and the video where they are sent once it is opened. */
export function UnsentEdits() {
  const person = useMe()?.id ?? "";
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const query = { queryKey: ["unsent-edits", person] };
  const { data = [] } = useQuery({
    ...query,
    queryFn: () => abandonedEntries(person),
    enabled: person !== "",
    refetchInterval: LOOK_MILLISECONDS,
    networkMode: "always",
  });
  const [first] = data;
  if (first === undefined) return null;
  const { queue, refusedEdits } = first.unsaved;
  const edits = countText(queue.length + refusedEdits.length, "edit");
  const forget = async () => {
    setAsking(false);
    await discard(first.shelf);
    await queryClient.invalidateQueries(query);
  };
  return (
    <>
      <Tooltip content="A page was closed before these were saved. Open their video to send them.">
        <Link href={`/videos/${first.video}`} className={styles.chip} data-state="lost" data-testid="unsent">
          {edits} not sent
        </Link>
      </Tooltip>
      <Button tone="quiet" onClick={() => setAsking(true)}>
        Discard
      </Button>
      <ConfirmDialog
        open={asking}
        title={`Discard ${edits}?`}
        consequence="They were never saved on the server, and cannot be brought back."
        action="Discard"
        onConfirm={() => void forget()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
