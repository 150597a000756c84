/** The index of the connections table that has those connections alone that were asked to end, by when they were. */
export const endedIndex = 'ended';
