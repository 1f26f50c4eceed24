// A backend that tracks with posthog-node: it captures the events that the first argument lists, or says the aliases in
// it, in order, and exits when all have been taken.
import { PostHog } from 'posthog-node';

const { host, token, events } = JSON.parse(process.argv[2]);
const client = new PostHog(token, { host });
client.on('error', (error) => {
  console.error(error);
  process.exitCode = 1;
});
for (const { event, distinctId, properties, alias } of events) {
  if (alias !== undefined) {
    client.alias({ distinctId, alias });
  } else {
    client.capture({ event, distinctId, properties });
  }
}
await client.shutdown();
