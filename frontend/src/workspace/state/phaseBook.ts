import type { Phase, PhaseRules, PhaseTool } from "@/api/types";
import type { Replica } from "../sync/replica";
import type { ObjectKey } from "../sync/writes";

/** The phase new objects get, and what the server says each phase has. Nothing here is decided by the browser. */
export interface PhaseBook {
  readonly own: Phase;
  readonly rules: ReadonlyMap<Phase, PhaseRules>;
}

export function phaseBook(own: Phase, rules: readonly PhaseRules[]): PhaseBook {
  return { own, rules: new Map(rules.map((each) => [each.phase, each])) };
}

/** For whom may look at the video and change nothing: no phase has tools for them. */
export function closedBook(own: Phase): PhaseBook {
  return { own, rules: new Map() };
}

/** Whether the reader may change anything at all. */
export function mayEdit({ phases }: Pick<PhasedState, "phases">): boolean {
  return phases.rules.size > 0;
}

interface PhasedState {
  readonly phases: PhaseBook;
  readonly replica: Pick<Replica, "masklets">;
  readonly selected: ObjectKey | null;
}

/** An object's phase is its own; one that is only being created gets the project's. */
export function phaseOf({ phases, replica }: PhasedState, object: ObjectKey | null): Phase {
  return (object === null ? undefined : replica.masklets.get(object)?.phase) ?? phases.own;
}

/** The rules for what is in hand: the selected object, else the next new one. */
export function rulesInHand(state: PhasedState): PhaseRules | undefined {
  return state.phases.rules.get(phaseOf(state, state.selected));
}

export function allowsFor(state: PhasedState, object: ObjectKey | null, tool: PhaseTool): boolean {
  return state.phases.rules.get(phaseOf(state, object))?.tools.includes(tool) ?? false;
}

/** Whether what is in hand may be worked on with a tool. */
export function allows(state: PhasedState, tool: PhaseTool): boolean {
  return allowsFor(state, state.selected, tool);
}
