import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { ConnectionScan } from '../shared/dynamodb/connection-scan.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { observed, Signals } from '../shared/signals/signals.ts';
import { gaugeEnvironment } from './environment.ts';
import { Gauge } from './gauge.ts';

const environment = readEnvironment(gaugeEnvironment);
const signals = new Signals(environment.LOG_SAMPLE_PERCENT);
// A metric of its units would cost as much as the units do.
const client = createDocumentClient(() => undefined);
const scan = new ConnectionScan(client, environment.CONNECTIONS_TABLE);

const gauge = new Gauge({
  pages: (signal) => scan.pages(signal),
  observer: signals.observer,
  clock: systemClock,
  scanMs: environment.SCAN_SECONDS * 1000,
});

/** Invoked by its schedule. */
export const handler = observed(signals, () => gauge.run());
