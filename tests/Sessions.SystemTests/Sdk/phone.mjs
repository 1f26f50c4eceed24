// A phone with an app that tracks with posthog-react-native: it takes the steps that the first argument lists, in order,
// and prints the events that the SDK sent. The SDK is the one of npm; what is made up here is the phone around it.
import Module, { createRequire } from 'node:module';

const { host, token, steps } = JSON.parse(process.argv[2]);

let ahead = 0;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length > 0 ? given : [Date.now()]));
  }

  static now() {
    return RealDate.now() + ahead;
  }
};

const watchers = [];
const reactNative = {
  AppState: { currentState: 'active', addEventListener: (_, watcher) => ({ remove() {}, added: watchers.push(watcher) }) },
  Dimensions: { get: () => ({ width: 411, height: 866 }) },
  Linking: { getInitialURL: async () => null, addEventListener: () => ({ remove() {} }) },
  Platform: { OS: 'android', Version: 34, select: (choices) => choices.android ?? choices.default },
};
const load = Module._load;
Module._load = (id, ...rest) => (id === 'react-native' ? reactNative : load(id, ...rest));

const { PostHog } = createRequire(import.meta.url)('../node_modules/posthog-react-native/dist/posthog-rn.js');
const kept = new Map();
const client = new PostHog(token, {
  host,
  customStorage: { getItem: async (key) => kept.get(key) ?? null, setItem: async (key, value) => void kept.set(key, value) },
  customAppProperties: (properties) => ({ ...properties, $app_name: 'Shop', $app_version: '1.2', $app_build: '7' }),
  captureAppLifecycleEvents: true,
});
const sent = [];
client.on('flush', (events) => sent.push(...events));
client.on('error', (error) => {
  console.error(error);
  process.exitCode = 1;
});
await client.ready();

const doing = {
  later: async (milliseconds) => void (ahead += milliseconds),
  appState: async (state) => watchers.forEach((watcher) => watcher(state)),
};
for (const [step, ...given] of steps) {
  await (doing[step] ?? client[step].bind(client))(...given);
}
await client.flush();
await client.shutdown();
console.log(JSON.stringify(sent));
