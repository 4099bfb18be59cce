/** What a frame's prompts say. Whoever changes one part of a prompt set hands the others on as they are. */
import type { PromptSet } from "@/api/types";

/** Clicks on one frame; the server refuses more. */
export const MAX_CLICKS = 100;

export const NO_PROMPTS: PromptSet = { clicks: [], box: null, candidate: null };

/** How many prompts each part of a set holds; a new part does not compile until it is counted here. */
const COUNTS = {
  clicks: ({ clicks }) => clicks.length,
  box: ({ box }) => (box === null ? 0 : 1),
  // Chooses among the masks for a click; it is no prompt by itself.
  candidate: () => 0,
} satisfies Record<keyof PromptSet, (prompts: PromptSet) => number>;

function countPrompts(prompts: PromptSet): number {
  return Object.values(COUNTS).reduce((sum, count) => sum + count(prompts), 0);
}

export function asksNothing(prompts: PromptSet): boolean {
  return countPrompts(prompts) === 0;
}

/** One click and nothing else: only then SAM has candidates to choose from. */
export function isLoneClick(prompts: PromptSet): boolean {
  return prompts.clicks.length === 1 && countPrompts(prompts) === 1;
}
