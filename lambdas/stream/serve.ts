import { systemClock as clock } from '../shared/runtime/clock.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { Signals } from '../shared/signals/signals.ts';
import { streamCors } from './cors.ts';
import { createStreamServer } from './create-server.ts';
import { httpHostEnvironment, streamEnvironment } from './environment.ts';
import { HttpHost } from './http-host.ts';
import { watchMemory } from './memory-watch.ts';

/** The part of the process's memory above which streams are handed over. */
const memoryMark = 0.8;

const environment = readEnvironment({ ...streamEnvironment, ...httpHostEnvironment });
const memoryBytes = environment.MEMORY_MEGABYTES * 1024 * 1024;
const signals = new Signals(environment.LOG_SAMPLE_PERCENT, { StreamsOfProcess: () => server.open });
const server = createStreamServer(environment, signals, memoryBytes);
const host = new HttpHost(
  {
    requestMs: environment.REQUEST_SECONDS * 1000,
    mostStreams: environment.STREAMS_PER_PROCESS,
    stopMs: environment.STOP_SECONDS * 1000,
  },
  { server, cors: streamCors(environment.ALLOWED_ORIGINS), clock },
);

const over = new AbortController();
const stopPublishing = signals.start();
const residentBytes = (): number => process.memoryUsage.rss();
void watchMemory(memoryMark * memoryBytes, { server, residentBytes, clock }, over.signal);
const endpoint = environment.AWS_LAMBDA_HTTP_ENDPOINT ?? environment.HTTP_ENDPOINT ?? '';
const [address = '', port] = endpoint.split(':');
await host.listen(Number(port), address);

process.once('SIGTERM', () => {
  over.abort();
  void host.close().finally(() => {
    stopPublishing();
    process.exit(0);
  });
});
