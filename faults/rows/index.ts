import type { Row } from '../row.ts';
import { batchRows } from './batches.ts';

/** The matrix, in the order in which it is printed. */
export const rows: readonly Row[] = [...batchRows];
