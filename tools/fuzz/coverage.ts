import type { EndReason } from '../../protocol/end-reasons.ts';
import type { ResumeReason } from '../../protocol/frames.ts';
import { isStream } from './is-stream.ts';
import type { FuzzRequest } from './request.ts';
import { successes } from './request.ts';
import type { FuzzAnswer } from './send.ts';

/** What stands for the route of a request to a path, or by a method, that no endpoint has. */
const noRoute = 'other paths and methods';

/** Outcomes of a resume that a run must see: the log was read, found not to hold the place, or not asked. */
const wantedResumes: readonly ('complete' | ResumeReason)[] = [
  'complete',
  'unknown_cursor',
  'rights_changed',
];

/** Ends of the kept streams that a run must see, because requests ask for them. */
const wantedEnds: readonly EndReason[] = ['disconnected', 'ended_by_admin', 'revoked'];

type Tally = Record<string, number>;

/** What the requests of a run have reached. */
export class Coverage {
  /** Route → status → how many answers. */
  readonly routes: Record<string, Tally> = {};
  /** Outcome → how many resumes of a stream. */
  readonly resumes: Tally = {};

  /** Notes an answer. */
  add({ route = noRoute }: FuzzRequest, { status, text }: FuzzAnswer): void {
    count((this.routes[route] ??= {}), String(status));
    const resume = /"complete":(?:true|false,"reason":"(\w+)")/.exec(text);
    if (resume && isStream(text)) count(this.resumes, resume[1] ?? 'complete');
  }

  /** Status → how many answers of all routes. */
  get statuses(): Tally {
    const all: Tally = {};
    for (const tally of Object.values(this.routes)) {
      for (const [status, number] of Object.entries(tally)) all[status] = (all[status] ?? 0) + number;
    }
    return all;
  }

  /**
   * What was never reached, a line each: then the requests are not what they are meant to be.
   * @param ends why the kept streams have ended.
   */
  missing(ends: Readonly<Tally>): string[] {
    const routes = [...successes].filter(([route, success]) => !this.routes[route]?.[success]);
    return [
      ...routes.map(([route, success]) => `${route} never answered ${success}`),
      ...wantedResumes
        .filter((outcome) => !this.resumes[outcome])
        .map((outcome) => `no resume was ${outcome}`),
      ...wantedEnds.filter((reason) => !ends[reason]).map((reason) => `no kept stream ended as ${reason}`),
    ];
  }
}

function count(tally: Tally, key: string): void {
  tally[key] = (tally[key] ?? 0) + 1;
}
