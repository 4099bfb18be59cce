import { useQuery } from "@tanstack/react-query";
import { meQuery } from "@/api/queries";
import type { Me } from "@/api/types";

/** Who is signed in; undefined until it is known. The gate asks, everybody else looks. */
export function useMe(): Me | undefined {
  return useQuery({ ...meQuery, enabled: false }).data;
}
