import type { Health } from "@/api/types";

export interface Connection {
  readonly state: "checking" | "ok" | "degraded" | "lost";
  readonly label: string;
  readonly explanation: string;
}

/** The server's health, reduced to what a person needs to know. */
export function connectionOf(health: Health | null, failed: boolean): Connection {
  if (failed) {
    return {
      state: "lost",
      label: "Disconnected",
      explanation: "The server cannot be reached. What was shown as saved is safe; reconnecting by itself.",
    };
  }
  if (!health) return { state: "checking", label: "Connecting", explanation: "Asking the server how it is." };
  if (health.disk.status !== "ok") {
    return {
      state: health.database.status === "ok" ? "degraded" : "lost",
      label: "Disk full",
      explanation:
        "The server's disk is full. What was shown as saved is safe; saving goes on by itself once there is room.",
    };
  }
  if (health.database.status !== "ok") {
    return {
      state: "lost",
      label: "Database down",
      explanation: "Nothing can be saved until the database is back.",
    };
  }
  if (health.model_server.status !== "ok") {
    const starting = health.model_server.status === "starting";
    const advice = "Clicks and propagation wait for it. Brush, review and export work.";
    return {
      state: "degraded",
      label: starting ? "Model loading" : "Model server down",
      explanation: [health.model_server.detail, advice].filter(Boolean).join(" "),
    };
  }
  if (health.jobs.status !== "ok") {
    return {
      state: "degraded",
      label: "Jobs paused",
      explanation: "Uploads and exports wait until jobs run again.",
    };
  }
  return { state: "ok", label: "Connected", explanation: "Database, model server and jobs are all up." };
}
