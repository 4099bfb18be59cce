import type { Phase } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { IconButton } from "@/ui/Button";
import { Tooltip } from "@/ui/Tooltip";
import { TopBarSlot } from "@/ui/TopBarSlot";
import { Mark } from "../icons";
import { useSession } from "../state/context";
import { SavedChip } from "./SavedChip";

const PHASES: Readonly<Record<Phase, string>> = {
  sam_per_frame: "Phase 1: SAM per frame",
  sam_plus_sam2_mask: "Phase 2: SAM + SAM 2 mask",
  sam2: "Phase 3: SAM 2",
};

/** The workspace's own part of the top bar. */
export function TopBarParts({ phase }: { readonly phase: Phase }) {
  const session = useSession();
  return (
    <TopBarSlot>
      <SavedChip />
      <Badge>{PHASES[phase]}</Badge>
      <Tooltip content="Keyboard shortcuts" keys="?">
        <IconButton
          label="Keyboard shortcuts"
          onClick={() => session.view.openSheet(true)}
          data-testid="open-shortcuts"
        >
          <Mark name="help" />
        </IconButton>
      </Tooltip>
    </TopBarSlot>
  );
}
