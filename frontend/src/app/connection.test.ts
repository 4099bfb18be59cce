import { expect, it } from "vitest";
import type { Health } from "@/api/types";
import { connectionOf } from "./connection";

type Part = "disk" | "database" | "model_server" | "jobs" | "events";

function makeHealth(parts: Partial<Record<Part, Health["status"]>> = {}): Health {
  const part = (name: Part) => ({ status: parts[name] ?? ("ok" as const), detail: null });
  return {
    status: "ok",
    database: part("database"),
    model_server: part("model_server"),
    model_servers: [],
    jobs: part("jobs"),
    disk: part("disk"),
    events: part("events"),
    decoder: { status: "ok", warnings: [] },
    version: "1",
  };
}

it("a model server that is down is named, and what still works is said", () => {
  const connection = connectionOf(makeHealth({ model_server: "down" }), false);
  expect(connection.label).toBe("Model server down");
  expect(connection.explanation).toContain("Brush");
});

it("a model that is still being loaded is not called down", () => {
  expect(connectionOf(makeHealth({ model_server: "starting" }), false).label).toBe("Model loading");
});

it("a lost connection outweighs the last known health", () => {
  expect(connectionOf(makeHealth(), true).state).toBe("lost");
});

it("a database that is down outweighs the model server", () => {
  expect(connectionOf(makeHealth({ database: "down", model_server: "down" }), false).label).toBe(
    "Database down",
  );
});

it("all parts up is connected", () => {
  expect(connectionOf(makeHealth(), false).state).toBe("ok");
});

it("a full disk is named, and outweighs the database that it stopped", () => {
  const connection = connectionOf(makeHealth({ disk: "down", database: "down" }), false);
  expect([connection.label, connection.state]).toEqual(["Disk full", "lost"]);
  expect(connectionOf(makeHealth({ disk: "down" }), false).state).toBe("degraded");
});
