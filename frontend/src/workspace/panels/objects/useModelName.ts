import { useQuery } from "@tanstack/react-query";
import { modelVersionsQuery } from "@/api/queries";

/** Name and version of the model that made a mask; the version alone if its name is unknown. */
export function useModelName(version: string | null): string {
  const { data } = useQuery(modelVersionsQuery(version));
  if (version === null) return "–";
  const name = data?.find((known) => known.version === version)?.name;
  return name === undefined ? version : `${name} ${version}`;
}
