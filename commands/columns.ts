/**
 * Rows of cells as a table for people: columns as wide as their widest cell, two spaces between them.
 * @param rows the titles first.
 * @param left how many columns, the first ones, begin at the left; the others are numbers, which end at the right.
 */
export function columns(rows: readonly (readonly string[])[], left = Infinity): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
