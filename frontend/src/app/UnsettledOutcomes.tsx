import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useLocation } from "wouter";
import { useMe } from "@/api/useMe";
import { outcomes, useOutcomes } from "@/outcomes/outcomes";
import { WaitingOutcome } from "@/outcomes/WaitingOutcome";
import { showToast } from "@/ui/toasts";

/** What ends work and waits for the service, pressed on another page or before a reload, and what was refused. */
export function UnsettledOutcomes() {
  const person = useMe()?.id;
  const queryClient = useQueryClient();
  const [location] = useLocation();
  useEffect(() => {
    if (person !== undefined) outcomes.actFor(person);
  }, [person]);
  useEffect(
    () =>
      outcomes.onSettled((kept, { at }) => {
        if (at === "done" && !kept.attended) showToast(kept.done);
        if (at === "taken back") showToast(`${kept.name}: taken back`);
        // The page that pressed it has brought itself up to date.
        const refetchType = kept.attended ? "inactive" : "active";
        void queryClient.invalidateQueries({ queryKey: ["projects"], refetchType });
        void queryClient.invalidateQueries({ queryKey: ["returned-tasks"] });
      }),
    [queryClient],
  );
  const elsewhere = useOutcomes().filter(
    ({ state, attended, place }) =>
      state.at === "refused" || (state.at !== "sending" && !(attended && location.startsWith(place))),
  );
  const [first] = elsewhere;
  if (first === undefined) return null;
  return (
    <>
      <WaitingOutcome kept={first} named />
      {elsewhere.length > 1 && <span data-testid="more-outcomes">and {elsewhere.length - 1} more</span>}
    </>
  );
}
