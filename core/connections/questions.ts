/**
 * How often the streams of a user were asked of late whether their clients are still there. Clients that forget the ids
 * of their frames cannot be told from new ones: more of them than the limit would ask each other for ever.
 */
export interface Questions {
  /** When the time began in which they are counted, epoch milliseconds. */
  readonly since: number;
  /** How long that time is, milliseconds. */
  readonly windowMs: number;
  readonly asked: number;
}

/** How long questions are counted together, milliseconds; twice as long each time after all of them were used. */
const shortestWindowMs = 10 * 60_000;
const longestWindowMs = 160 * 60_000;

/** The questions that a user with few streams may bring about all the same: a page that is loaded again takes one. */
const leastQuestions = 40;

/** How many questions there may be within one window: a round of all streams takes as many as there are. */
function mostQuestions(perUser: number): number {
  return Math.max(leastQuestions, 3 * perUser);
}

/**
 * How long there are no more questions for a user, milliseconds; 0 while there may be some.
 * @param perUser how many streams a user may have.
 * @param now epoch milliseconds.
 */
export function noQuestionsFor(questions: Questions | undefined, perUser: number, now: number): number {
  if (questions === undefined || questions.asked < mostQuestions(perUser)) return 0;
  return Math.max(0, questions.since + questions.windowMs - now);
}

/** The window in which a question of this moment counts: the one that is known, or the next, with none in it yet. */
export function windowAt(questions: Questions | undefined, perUser: number, now: number): Questions {
  if (questions === undefined) return { since: now, windowMs: shortestWindowMs, asked: 0 };
  const { since, windowMs, asked } = questions;
  const age = now - since;
  if (age < windowMs) return questions;
  const goesOn = asked >= mostQuestions(perUser) && age < 2 * windowMs;
  return {
    since: now,
    windowMs: goesOn ? Math.min(2 * windowMs, longestWindowMs) : shortestWindowMs,
    asked: 0,
  };
}
