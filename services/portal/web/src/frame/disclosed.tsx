import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import "./disclosed.css";
import { Said } from "./said";

type Props = {
  face: ReactNode;
  label?: string;
  className?: string;
  children: ReactNode;
  /** What is fetched only when the panel is open. */
  more?: () => ReactNode;
};

/** A button that opens a small panel beside itself. Esc or a click elsewhere closes it; focus stays with the button. */
export function Disclosed({ face, label, className, children, more }: Props) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open || !panel.current) return;
    const grown = new ResizeObserver(place);
    grown.observe(panel.current);
    return () => grown.disconnect();
  }, [open]);

  function place() {
    const from = button.current?.getBoundingClientRect();
    const box = panel.current;
    if (!from || !box) return;
    const { width, height } = box.getBoundingClientRect();
    const left = Math.max(8, Math.min(from.left, innerWidth - width - 8));
    const below = from.bottom + 4;
    const top = below + height > innerHeight && from.top > height + 8 ? from.top - height - 4 : below;
    box.style.left = `${left}px`;
    box.style.top = `${top}px`;
  }

  function toggled(event: { newState: string }) {
    setOpen(event.newState === "open");
    if (event.newState === "open") place(); // and again whenever it grows
  }

  return (
    <>
      <button ref={button} type="button" className={className} popoverTarget={id}>
        {label ? <Said as={label}>{face}</Said> : face}
      </button>
      <div ref={panel} id={id} popover="auto" className="panel" onToggle={toggled}>
        {children}
        {open && more?.()}
      </div>
    </>
  );
}
