import { useQuery } from "@tanstack/react-query";
import { meQuery } from "@/api/queries";
import type { Me } from "@/api/types";

/** The signed-in person; undefined while loading. */
export function useMe(): Me | undefined {
  return useQuery({ ...meQuery, enabled: false }).data;
}
