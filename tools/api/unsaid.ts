/**
 * What is refused, or taken, and JSON Schema cannot say: all differences between the readers of the functions and the
 * schemas. The property tests in test/api hold both to each other but for these, and the documents list them.
 */
export const unsaid = {
  characters:
    'Texts are bounded by characters as users see them (extended grapheme clusters); their schemas bound code points, which may be many more. The name of a subscription is bounded by UTF-16 code units.',
  visible: 'A name needs something that can be seen: white space, controls and fillers alone are refused.',
  wellFormed: 'Halves of surrogate pairs are refused.',
  size: 'A body has 64 KB at the most, a task 59,500 bytes of JSON, a message of a WebSocket 32 KB.',
  times: 'A time must exist: there is no month 13.',
  lists:
    'Values of a list may have white space around them, and repeated ones count once, also for how many there may be. Those of a message may have commas in them, and so be several.',
  ids: 'The id of a task in a text is no larger than 9007199254740991, to which JavaScript can count.',
  zeros: 'A lease may have zeros before it.',
  repeated: 'Of several values of a parameter of a stream the last one counts that is not empty.',
  cursors: 'Cursors, tickets and tokens are judged by who was given them, not by their form.',
  named: 'Any other value of `named` than `true` is as `false`.',
  ifMatch: '`If-Match` has the grammar of RFC 9110.',
  unread: 'A token in a body is not looked at where there is an `Authorization` header.',
} as const;

/** The list as text of the documents. */
export const unsaidText = [
  'What the schemas cannot say:',
  '',
  ...Object.values(unsaid).map((each) => `- ${each}`),
].join('\n');
