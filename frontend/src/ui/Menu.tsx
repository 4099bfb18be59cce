import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { IconButton } from "./Button";
import { Icon, type IconName } from "./Icon";
import styles from "./Menu.module.css";

interface MenuProps {
  /** For screen readers: what the three-dot button opens. */
  readonly label: string;
  readonly children: ReactNode;
  readonly testId?: string;
}

export function Menu({ label, children, testId }: MenuProps) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <IconButton label={label} data-testid={testId}>
          <Icon name="more" />
        </IconButton>
      </DropdownMenu.Trigger>
      <MenuPanel>{children}</MenuPanel>
    </DropdownMenu.Root>
  );
}

/** The list that a button of one's own opens. */
export function MenuPanel({ children }: { readonly children: ReactNode }) {
  return (
    <DropdownMenu.Portal>
      <DropdownMenu.Content className={styles.content} align="end" sideOffset={4}>
        {children}
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  );
}

interface MenuItemProps {
  readonly icon?: IconName;
  readonly danger?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
  readonly testId?: string;
}

export function MenuItem({ icon, danger = false, onSelect, children, testId }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      className={`${styles.item} ${danger ? styles.danger : ""}`}
      onSelect={onSelect}
      data-testid={testId}
    >
      {icon && <Icon name={icon} size={14} />}
      {children}
    </DropdownMenu.Item>
  );
}
