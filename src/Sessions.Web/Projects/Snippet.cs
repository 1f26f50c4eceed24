using System.Text.Encodings.Web;
using Sessions.Web.Layout;

namespace Sessions.Web.Projects;

/// <summary>A code snippet that sends events to this gateway.</summary>
/// <param name="Id">Its id on the page.</param>
/// <param name="Name">The platform that it is for.</param>
/// <param name="Hint">How to use it.</param>
/// <param name="Text">The code.</param>
public sealed record Snippet(string Id, string Name, string Hint, string Text)
{
    /// <summary>The snippets of all platforms. Each works unchanged.</summary>
    public static IReadOnlyList<Snippet> All(PageContext pageContext) =>
    [
        Web(pageContext),
        Npm(pageContext),
        Node(pageContext),
        Python(pageContext),
        ReactNative(pageContext),
        Curl(pageContext),
    ];

    /// <summary>The snippet for a web page: it needs no other file and points the SDK to this gateway.</summary>
    public static Snippet Web(PageContext pageContext) => new(
        "web",
        "Web page",
        "Paste this before </head>. It loads the PostHog SDK from this server; posthog.capture() and the like work at once.",
        WebSnippet.Of(pageContext.Address, pageContext.Token));

    private static Snippet Npm(PageContext pageContext) => new(
        "npm",
        "Web app with npm",
        "After: npm install posthog-js",
        $$"""
        import posthog from 'posthog-js'

        posthog.init('{{Quoted(pageContext.Token)}}', {
          api_host: '{{pageContext.Address}}',
          capture_pageview: 'history_change'
        })
        """);

    private static Snippet Node(PageContext pageContext) => new(
        "node",
        "Node",
        "After: npm install posthog-node",
        $$"""
        import { PostHog } from 'posthog-node'

        const posthog = new PostHog('{{Quoted(pageContext.Token)}}', { host: '{{pageContext.Address}}' })
        posthog.capture({ distinctId: 'user-1', event: 'order paid', properties: { amount: 12 } })
        await posthog.shutdown()
        """);

    private static Snippet Python(PageContext pageContext) => new(
        "python",
        "Python",
        "After: pip install posthog",
        $$"""
        from posthog import Posthog

        posthog = Posthog('{{Quoted(pageContext.Token)}}', host='{{pageContext.Address}}')
        posthog.capture('order paid', distinct_id='user-1', properties={'amount': 12})
        posthog.shutdown()
        """);

    private static Snippet ReactNative(PageContext pageContext) => new(
        "react-native",
        "React Native",
        "After: npm install posthog-react-native, and its peer dependencies",
        $$$"""
        import { PostHogProvider } from 'posthog-react-native'

        export default function App() {
          return (
            <PostHogProvider apiKey="{{{Quoted(pageContext.Token)}}}" options={{ host: '{{{pageContext.Address}}}' }}>
              <Main />
            </PostHogProvider>
          )
        }
        """);

    private static Snippet Curl(PageContext pageContext) => new(
        "curl",
        "HTTP",
        "Any program that can send JSON. The server answers when the event is durable.",
        $$"""
        curl {{pageContext.Address}}/i/v0/e/ -H 'Content-Type: application/json' -d '{
          "api_key": "{{Quoted(pageContext.Token)}}",
          "event": "$pageview",
          "distinct_id": "user-1",
          "properties": { "$current_url": "https://example.com/hello" }
        }'
        """);

    private static string Quoted(string token) => JavaScriptEncoder.Default.Encode(token);
}
