import { randomUUID } from 'node:crypto';
import { SecretParameter } from '../shared/parameters/secret-parameter.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { observed, Signals } from '../shared/signals/signals.ts';
import { Canary } from './canary.ts';
import { readCredential } from './credential.ts';
import { canaryEnvironment } from './environment.ts';
import { TokenSource } from './token-source.ts';

const environment = readEnvironment(canaryEnvironment);
const signals = new Signals(environment.LOG_SAMPLE_PERCENT);
const parameter = new SecretParameter(environment.CREDENTIAL_PARAMETER);

const canary = new Canary({
  apiUrl: environment.API_URL,
  streamUrl: environment.STREAM_URL,
  tokens: new TokenSource({
    readCredential: async (signal) => readCredential(await parameter.read(signal)),
    clock: systemClock,
  }),
  clock: systemClock,
  observer: signals.observer,
  probeMs: environment.PROBE_SECONDS * 1000,
  newId: randomUUID,
});

/** Invoked by its schedule. A run that has failed ends with an error, by which Lambda counts it. */
export const handler = observed(signals, () => canary.run());
