/**
 * What a bill depends on and no constant of the code says. Each value has how it was found: "counted" is what
 * test/end-to-end/cost.test.ts counts on a local stack and holds the model to, "assumed" is what nothing here can count, and
 * `npm run verify:account` asks an account: `reads`, `admission`, `durations` and `log-bytes`.
 */
export const measured = {
  /** How long a read of DynamoDB takes, milliseconds: each pause between two polls begins after it. Assumed for AWS. */
  readMs: 5,
  /** How long it takes until a stream is let in and begins to poll, milliseconds. Assumed for AWS: ten reads and writes. */
  admissionMs: 50,
  /**
   * Read and write units of one request or message, by the table; counted. Reads of the connections table are most often
   * whether the caller's rights are revoked: 1.
   */
  units: {
    /** A new task: its counter and itself, of at most 1 KB each. */
    newTask: { connectionReads: 1, taskWrites: 2 },
    /** An append of at most 1 KB: the head; segment and head in one transaction; whether somebody has subscribed. */
    append: { eventReads: 1, eventWrites: 4, connectionReads: 1 },
    /** A stream or WebSocket that is let in: revoked twice, the user's others, how full the workspace is. */
    admission: { connectionReads: 3.5 },
    /** The item of a stream, put and deleted; the head of the log. */
    stream: { connectionWrites: 2, eventReads: 1 },
    /** Counting the streams of a workspace, besides reading them: claimed and written. */
    count: { connectionWrites: 2 },
    /** A WebSocket that opens has two items. */
    socketOpens: { connectionWrites: 2 },
    subscribe: { connectionReads: 1, connectionWrites: 2, eventReads: 1 },
    ping: { connectionReads: 1.5, eventReads: 1 },
    /** Three items go, and presence is looked at. */
    socketCloses: { connectionReads: 4, connectionWrites: 3 },
    /** The head and the new segment; what was before it is remembered. */
    push: { eventReads: 1.5 },
    /** A page that says again that it is there, without a task: its user's item, and the neighbours in the same read. */
    renewal: { connectionReads: 2, connectionWrites: 1 },
    /** The same over a WebSocket, whose item is read instead of what is revoked. */
    socketRenewal: { connectionReads: 2, connectionWrites: 1 },
    /** A change of presence, such as a card that is opened; at the most, by test/end-to-end/awareness-units.test.ts. */
    presenceChange: { connectionReads: 4, connectionWrites: 4 },
    /** A `ping` looks after the neighbours too, where its client has asked for presence. */
    neighbours: { connectionReads: 1 },
    /** Of users who have fewer neighbours behind them than that: the first by name are read too. */
    firstNeighbours: { connectionReads: 1 },
  },
  /**
   * One run of the canary: a task is written with a key, deleted and looked for, and a stream is opened and ended. Reads and
   * writes are those of all functions that it keeps busy; those of tasks and the writes of events are counted by
   * test/end-to-end/canary.test.ts, the others were counted once, and hold polls.
   */
  canary: {
    /** Of the API; the stream is one more. */
    requests: 4,
    changes: 2,
    /** Metrics that are sent in each hour with a run: three of its own, the others of the functions that it keeps busy. */
    metrics: 19,
    units: {
      taskReads: 3,
      taskWrites: 6,
      eventReads: 7,
      eventWrites: 8,
      connectionReads: 10.5,
      connectionWrites: 5,
    },
  },
  /** Bytes of items in the connections table, where users have names of some eight characters; counted, but for viewers. */
  itemBytes: { connection: 280, subscriber: 240, viewer: 220 },
  /** Frames for one change that its subscriber sees: one, but for a change of status, which makes two. Assumed. */
  eventsPerChange: 1,
  /** The name of a task whose event is of usual size, in characters; it has no description. Assumed. */
  taskNameLength: 40,
  /** How long functions run, milliseconds. Assumed for Lambda: about twice what they took on a laptop. */
  milliseconds: {
    newTask: 30,
    fanout: 50,
    socketEvent: 50,
    push: 50,
    /** For each subscriber of a page besides. */
    pushOfOne: 2.5,
    renewal: 20,
    /** A run of the canary, which mostly waits, and the stream that it opens, which ends some seconds after. */
    canary: 3000,
    canaryStream: 6000,
    /** A run of the gauge, and for each unit that it reads besides: a page of 1 MB in about a tenth of a second. */
    gauge: 200,
    gaugeOfUnit: 1,
  },
  /** Bytes of an answer of the API to a new task: the task, headers and TLS. Assumed. */
  answerBytes: 1500,
  /** The same of one that only says until when a page counts. */
  renewalAnswerBytes: 600,
  /**
   * Bytes of log. Lambda's own lines of an invocation and a line of an access log are assumed, by the examples in AWS's
   * documents. Ours, which a local stack prints: a line of metrics, which comes with each invocation and each minute of a
   * stream, is among those of the invocation; then the lines of a write and of the end of a session, and of a minute.
   */
  logBytes: { invocation: 900, access: 400, write: 250, session: 800, minute: 500 },
  /** How long a token lives, seconds: what Cognito gives unless told otherwise. A WebSocket ends with it. */
  tokenSeconds: 3600,
  /** How often a client of a WebSocket sends `ping`, seconds: "every few minutes" in docs/PROTOCOL.md. Assumed. */
  socketPingSeconds: 300,
  /** How often a page says that it is there, and for how long that counts, seconds. Assumed: the usual lease. */
  renewalSeconds: 25,
  leaseSeconds: 60,
} as const;
