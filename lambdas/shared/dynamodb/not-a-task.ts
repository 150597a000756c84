/** The sort key of everything in the tasks table that is no task; the fan-out's filter leaves it out. */
export const notATask = 0;
