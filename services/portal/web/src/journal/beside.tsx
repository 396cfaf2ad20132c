import { useEffect, useLayoutEffect, useRef, type ReactNode } from "react";
import "../frame/disclosed.css";

type Props = { label: string; anchor: HTMLElement | null; leave: (by: "key" | "pointer") => void; children: ReactNode };

/** A panel in the top layer beside a cell. Esc leaves it, and so does a click elsewhere. */
export function Beside({ label, anchor, leave, children }: Props) {
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = panel.current;
    if (!box || !anchor) return;
    if (!box.matches(":popover-open")) box.showPopover();
    const from = anchor.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    box.style.left = `${Math.max(8, Math.min(from.left, innerWidth - width - 8))}px`;
    box.style.top = `${from.bottom + height + 12 > innerHeight ? Math.max(8, from.top - height - 4) : from.bottom + 4}px`;
    const first = box.querySelector<HTMLElement>("[data-first]") ?? box.querySelector<HTMLElement>("input, button");
    first?.focus();
  }, [anchor]);
  useEffect(() => {
    const outside = (event: PointerEvent) => !panel.current?.contains(event.target as Node) && leave("pointer");
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [leave]);
  return (
    <div
      ref={panel}
      popover="manual"
      role="dialog"
      className="panel stack asking"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === "Escape") leave("key");
        event.stopPropagation();
      }}
    >
      {children}
    </div>
  );
}
