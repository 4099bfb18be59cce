import { useQueries, useQuery } from "@tanstack/react-query";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, useState } from "react";
import { useLocation } from "wouter";
import { projectsQuery, videosQuery } from "@/api/queries";
import { useShortcutKeys } from "@/keys/useShortcutKeys";
import styles from "./CommandPalette.module.css";
import { type Destination, matching, usePalette } from "./palette";
import { APP_SHORTCUTS } from "./shortcuts";

/** Type a few letters, press Enter, be there. */
export function CommandPalette() {
  const { open, setOpen } = usePalette();
  useShortcutKeys(APP_SHORTCUTS, null, () => true);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.overlay} />
        <Dialog.Content className={styles.content} aria-describedby={undefined} data-testid="palette">
          <Dialog.Title className={styles.title}>Go to</Dialog.Title>
          <Search onDone={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Search({ onDone }: { readonly onDone: () => void }) {
  const [query, setQuery] = useState("");
  const [picked, setPicked] = useState(0);
  const [, navigate] = useLocation();
  const found = matching(useDestinations(), query).slice(0, 12);

  function go(destination: Destination | undefined) {
    if (!destination) return;
    navigate(destination.href);
    onDone();
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setPicked((picked + step + found.length) % Math.max(1, found.length));
    }
    if (event.key === "Enter") go(found[picked]);
  }

  return (
    <>
      <input
        className={styles.input}
        placeholder="Project, video, review, model…"
        aria-label="Search"
        value={query}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setQuery(event.target.value);
          setPicked(0);
        }}
      />
      <ul className={styles.list}>
        {found.map((destination, index) => (
          <li key={destination.href}>
            <button
              type="button"
              className={styles.item}
              data-picked={index === picked}
              onClick={() => go(destination)}
            >
              {destination.label}
              <span>{destination.hint}</span>
            </button>
          </li>
        ))}
        {found.length === 0 && <li className={styles.none}>Nothing is called that.</li>}
      </ul>
    </>
  );
}

function useDestinations(): readonly Destination[] {
  const projects = useQuery(projectsQuery).data ?? [];
  const videos = useQueries({ queries: projects.map((project) => videosQuery(project.id)) });
  return [
    { label: "Projects", hint: "page", href: "/" },
    ...projects.map(({ id, name }) => ({ label: name, hint: "project", href: `/projects/${id}` })),
    ...videos.flatMap(({ data }) =>
      (data ?? []).map(({ id, name }) => ({ label: name, hint: "video", href: `/videos/${id}` })),
    ),
    ...projects.map(({ id, name }) => ({
      label: `Review ${name}`,
      hint: "review",
      href: `/projects/${id}/review`,
    })),
    ...projects.map(({ id, name }) => ({
      label: `Model of ${name}`,
      hint: "tune, promote, roll back",
      href: `/projects/${id}/model`,
    })),
    ...projects.map(({ id, name }) => ({
      label: `Tasks of ${name}`,
      hint: "tasks",
      href: `/projects/${id}/tasks`,
    })),
    { label: "Models", hint: "page", href: "/model" },
  ];
}
