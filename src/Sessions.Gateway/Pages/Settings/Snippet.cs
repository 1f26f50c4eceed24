using System.Text.Encodings.Web;
using Sessions.Gateway.Pages.Frame;

namespace Sessions.Gateway.Pages.Settings;

/// <summary>Something to paste that makes events come here.</summary>
/// <param name="Id">Names its place on the page.</param>
/// <param name="Name">Where it is for.</param>
/// <param name="Hint">What to do with it.</param>
/// <param name="Text">What to paste.</param>
public sealed record Snippet(string Id, string Name, string Hint, string Text)
{
    /// <summary>For every kind of sender; each works as it is.</summary>
    public static IReadOnlyList<Snippet> All(Looker looker) =>
    [
        Web(looker),
        Npm(looker),
        Node(looker),
        Python(looker),
        ReactNative(looker),
        Curl(looker),
    ];

    /// <summary>What a site's owner pastes: it needs no other file and tells the SDK to come here.</summary>
    public static Snippet Web(Looker looker) => new(
        "web",
        "Web page",
        "Paste this before </head>. It loads the PostHog SDK from this server.",
        $$"""
        <script async src="{{looker.Address}}/static/array.js"
          onload="posthog.init('{{Quoted(looker.Token)}}', {
            api_host: '{{looker.Address}}',
            capture_pageview: 'history_change'
          })"></script>
        """);

    private static Snippet Npm(Looker looker) => new(
        "npm",
        "Web app with npm",
        "After: npm install posthog-js",
        $$"""
        import posthog from 'posthog-js'

        posthog.init('{{Quoted(looker.Token)}}', {
          api_host: '{{looker.Address}}',
          capture_pageview: 'history_change'
        })
        """);

    private static Snippet Node(Looker looker) => new(
        "node",
        "Node",
        "After: npm install posthog-node",
        $$"""
        import { PostHog } from 'posthog-node'

        const posthog = new PostHog('{{Quoted(looker.Token)}}', { host: '{{looker.Address}}' })
        posthog.capture({ distinctId: 'user-1', event: 'order paid', properties: { amount: 12 } })
        await posthog.shutdown()
        """);

    private static Snippet Python(Looker looker) => new(
        "python",
        "Python",
        "After: pip install posthog",
        $$"""
        from posthog import Posthog

        posthog = Posthog('{{Quoted(looker.Token)}}', host='{{looker.Address}}')
        posthog.capture('order paid', distinct_id='user-1', properties={'amount': 12})
        posthog.shutdown()
        """);

    private static Snippet ReactNative(Looker looker) => new(
        "react-native",
        "React Native",
        "After: npm install posthog-react-native, with the packages that it asks for",
        $$$"""
        import { PostHogProvider } from 'posthog-react-native'

        export default function App() {
          return (
            <PostHogProvider apiKey="{{{Quoted(looker.Token)}}}" options={{ host: '{{{looker.Address}}}' }}>
              <Main />
            </PostHogProvider>
          )
        }
        """);

    private static Snippet Curl(Looker looker) => new(
        "curl",
        "HTTP",
        "Any program that can send JSON. The answer comes when the event is kept.",
        $$"""
        curl {{looker.Address}}/i/v0/e/ -H 'Content-Type: application/json' -d '{
          "api_key": "{{Quoted(looker.Token)}}",
          "event": "$pageview",
          "distinct_id": "user-1",
          "properties": { "$current_url": "https://example.com/hello" }
        }'
        """);

    private static string Quoted(string token) => JavaScriptEncoder.Default.Encode(token);
}
