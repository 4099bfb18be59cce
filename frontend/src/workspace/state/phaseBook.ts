import type { Phase, PhaseRules, PhaseTool } from "@/api/types";
import type { Replica } from "../sync/replica";
import type { ObjectKey } from "../sync/writes";
import { TOOLS, type ToolId } from "../tools/registry";
import type { Tool } from "../tools/tool";
import { toolOf } from "../tools/tools";
import { mayEdit } from "./barrier";
import { heldTask, type LeaseState } from "./leaseState";

/** The phase of new objects, and each phase's tools as the server lists them. */
export interface PhaseBook {
  readonly own: Phase;
  readonly rules: ReadonlyMap<Phase, PhaseRules>;
}

export function phaseBook(own: Phase, rules: readonly PhaseRules[]): PhaseBook {
  return { own, rules: new Map(rules.map((each) => [each.phase, each])) };
}

/** The book of somebody who may only look: no phase has tools for them. */
export function closedBook(own: Phase): PhaseBook {
  return { own, rules: new Map() };
}

interface PhasedState {
  readonly gone: boolean;
  readonly phases: PhaseBook;
  readonly replica: Pick<Replica, "masklets">;
  readonly selected: ObjectKey | null;
  readonly lease: LeaseState;
}

/** An object's phase; a draft has the project's. */
export function phaseOf({ phases, replica }: PhasedState, object: ObjectKey | null): Phase {
  return (object === null ? undefined : replica.masklets.get(object)?.phase) ?? phases.own;
}

/** The rules for the selected object, else for the next new one. */
export function rulesInHand(state: PhasedState): PhaseRules | undefined {
  return rulesFor(state, state.selected);
}

export function allowsFor(state: PhasedState, object: ObjectKey | null, tool: PhaseTool): boolean {
  return rulesFor(state, object)?.tools.includes(tool) ?? false;
}

function rulesFor(state: PhasedState, object: ObjectKey | null): PhaseRules | undefined {
  if (!mayEdit(state, object)) return undefined;
  const rules = state.phases.rules.get(phaseOf(state, object));
  return rules !== undefined && heldTask(state.lease)?.kind === "select" ? whileSelecting(rules) : rules;
}

const selecting = new WeakMap<PhaseRules, PhaseRules>();

/** In a task that selects objects each is outlined on one frame; propagation comes in a later task. */
function whileSelecting(rules: PhaseRules): PhaseRules {
  const known = selecting.get(rules);
  if (known !== undefined) return known;
  const summary = "Outline each object on one frame; it is carried through the video in a later task.";
  const own = { ...rules, summary, tools: rules.tools.filter((tool) => tool !== "propagate") };
  selecting.set(rules, own);
  return own;
}

/** The tools that may be taken up for what is in hand, in the order of the rail. */
export function offeredTools(rules: PhaseRules | undefined): readonly Tool<ToolId>[] {
  return TOOLS.filter(({ phaseTool }) => phaseTool === null || rules?.tools.includes(phaseTool));
}

export function mayTake(state: PhasedState, tool: ToolId): boolean {
  const { phaseTool } = toolOf(tool);
  return phaseTool === null || allows(state, phaseTool);
}

/** The tool in hand after a change: whoever may only look has none, and gets one back with the right to edit. */
export function toolAfter(state: ToolState, before: ToolState): ToolId {
  if (!mayTake(state, state.tool)) return "select";
  return mayEdit(state) && !mayEdit(before) ? "point" : state.tool;
}

interface ToolState extends PhasedState {
  readonly tool: ToolId;
}

/** Whether a phase's tool may be used on what is in hand. */
export function allows(state: PhasedState, tool: PhaseTool): boolean {
  return allowsFor(state, state.selected, tool);
}
