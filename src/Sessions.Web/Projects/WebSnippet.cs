using System.Text.Encodings.Web;

namespace Sessions.Web.Projects;

/// <summary>
/// The snippet for web pages. The pages, <c>./run</c>, the README and the documentation show the same one.
/// </summary>
public static class WebSnippet
{
    /// <summary>
    /// The snippet: it loads the SDK from a gateway without holding up the page. What the page calls before the SDK is there
    /// waits in a list, which the SDK takes over.
    /// </summary>
    /// <param name="address">The gateway's address.</param>
    /// <param name="token">The project's token.</param>
    public static string Of(string address, string token) =>
        $$"""
        <script>
          (function (queue, names) {
            queue._i = []
            queue.__SV = 1
            queue.people = []
            queue.init = function (token, options) { queue._i.push([token, options, 'posthog']) }
            names.forEach(function (name) {
              queue[name] = function () { queue.push([name].concat([].slice.call(arguments))) }
            })
          })(window.posthog = [], 'capture,identify,alias,reset,group,register,register_once,unregister,setPersonProperties,set_config,captureException,onFeatureFlags,opt_in_capturing,opt_out_capturing,startSessionRecording,stopSessionRecording'.split(','))
          posthog.init('{{JavaScriptEncoder.Default.Encode(token)}}', { api_host: '{{address}}', capture_pageview: 'history_change' })
        </script>
        <script async src="{{address}}/static/array.js"></script>
        """;
}
