/** Runs before each test file: what its stacks serve is in the documents. Their last words are looked at as they close. */
import { failOnMismatches } from './watch.ts';

afterEach(failOnMismatches);
