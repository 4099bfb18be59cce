import type { ComponentProps } from "react";
import styles from "./Button.module.css";

type Tone = "plain" | "primary" | "danger" | "quiet";

interface ButtonProps extends ComponentProps<"button"> {
  readonly tone?: Tone;
}

export function Button({ tone = "plain", className, type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={`${styles.button} ${styles[tone]} ${className ?? ""}`} {...rest} />;
}

/**
 * For buttons beside single-key shortcuts: a click leaves the focus where it was, so that the next press of Space
 * plays the video instead of pressing the button again. Tab still reaches them.
 */
export function keepFocus(event: { preventDefault(): void }): void {
  event.preventDefault();
}

interface IconButtonProps extends ButtonProps {
  /** For screen readers; the icon has no text of its own. */
  readonly label: string;
}

export function IconButton({ label, tone = "quiet", className, ...rest }: IconButtonProps) {
  return <Button tone={tone} aria-label={label} className={`${styles.icon} ${className ?? ""}`} {...rest} />;
}

/** The look of a button for an element that must be a link. */
export function buttonClass(tone: Tone = "plain"): string {
  return `${styles.button} ${styles[tone]}`;
}
