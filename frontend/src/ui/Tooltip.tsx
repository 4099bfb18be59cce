import { Tooltip as Primitive } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import type { KeyHint } from "@/keys/shortcut";
import { Kbd } from "./Kbd";
import styles from "./Tooltip.module.css";

type TooltipProps = {
  readonly side?: "top" | "right" | "bottom" | "left";
  readonly children: ReactElement;
} & (
  | { readonly content: ReactNode; readonly shortcut?: KeyHint }
  /** A shortcut without other words is explained by its own. */
  | { readonly content?: never; readonly shortcut: KeyHint }
);

/** A short explanation on hover and focus; the child must accept a ref and be focusable. */
export function Tooltip({ content, shortcut, side = "bottom", children }: TooltipProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content className={styles.content} side={side} sideOffset={6} collisionPadding={8}>
          {content ?? shortcut?.label}
          {shortcut && <Kbd shortcut={shortcut} />}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

export function TooltipProvider({ children }: { readonly children: ReactNode }) {
  return <Primitive.Provider delayDuration={350}>{children}</Primitive.Provider>;
}
