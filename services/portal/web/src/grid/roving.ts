/** Keyboard of a grid (WAI-ARIA APG): one Tab stop, real focus in cells named by `data-at="row:column"`. Header is row 0. */
export type Place = { row: number; column: number };
export type Size = { rows: number; columns: number };

const PAGE = 10; // rows of PageUp and PageDown

/** Where a key leads; null if it is none of the grid's. Arrows stop at the edge. */
export function step({ row, column }: Place, key: string, ctrl: boolean, { rows, columns }: Size): Place | null {
  const to = (r: number, c: number): Place => ({ row: clamp(r, rows), column: clamp(c, columns) });
  switch (key) {
    case "ArrowUp":
      return to(row - 1, column);
    case "ArrowDown":
      return to(row + 1, column);
    case "ArrowLeft":
      return to(row, column - 1);
    case "ArrowRight":
      return to(row, column + 1);
    case "Home":
      return ctrl ? to(0, 0) : to(row, 0);
    case "End":
      return ctrl ? to(rows - 1, columns - 1) : to(row, columns - 1);
    case "PageUp":
      return to(Math.max(row - PAGE, Math.min(row, 1)), column);
    case "PageDown":
      return to(row + PAGE, column);
    default:
      return null;
  }
}

const clamp = (n: number, count: number) => Math.max(0, Math.min(n, count - 1));

/** After a stored entry: down; from the end of a column to the top of the next (row 1 is the first under the header). */
export function below({ row, column }: Place, { rows, columns }: Size): Place {
  if (row + 1 < rows) return { row: row + 1, column };
  return column + 1 < columns ? { row: 1, column: column + 1 } : { row, column };
}

export function placeOf(element: Element | null): Place | null {
  const at = element?.closest<HTMLElement>("[data-at]")?.dataset["at"];
  if (!at) return null;
  const [row = 0, column = 0] = at.split(":").map(Number);
  return { row, column };
}

export function cellAt(grid: HTMLElement | null, { row, column }: Place): HTMLElement | null {
  return grid?.querySelector<HTMLElement>(`[data-at="${row}:${column}"]`) ?? null;
}

/** Makes a cell the grid's Tab stop, and gives it the focus if `take`. */
export function stopAt(grid: HTMLElement | null, place: Place, take = true): void {
  const cell = cellAt(grid, place);
  if (!grid || !cell) return;
  for (const other of grid.querySelectorAll<HTMLElement>('[data-at][tabindex="0"]')) if (other !== cell) other.tabIndex = -1;
  cell.tabIndex = 0;
  if (take) cell.focus();
}
