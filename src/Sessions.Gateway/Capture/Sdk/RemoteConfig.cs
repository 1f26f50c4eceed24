using System.Text.Json;

namespace Sessions.Gateway.Capture.Sdk;

/// <summary>What SDKs ask before they begin: which features there are. Feature flags and surveys are none of ours.</summary>
internal static class RemoteConfig
{
    /// <summary>The configuration of a project's SDKs, as JSON.</summary>
    public static string Json(string token) => Object(token, Features);

    /// <summary>The same as a script, which posthog-js loads first.</summary>
    public static string Script(string token) =>
        $$"""
        (function () {
          window._POSTHOG_REMOTE_CONFIG = window._POSTHOG_REMOTE_CONFIG || {};
          window._POSTHOG_REMOTE_CONFIG["{{JsonEncodedText.Encode(token)}}"] = { config: {{Json(token)}}, siteApps: [] };
        })();

        """;

    /// <summary>The answer to a question for feature flags, in the shapes of all versions: there are none.</summary>
    public static string Flags(string token, Guid requestId, DateTimeOffset now) => Object(token, $$"""
          "flags": {},
          "featureFlags": {},
          "featureFlagPayloads": {},
          "errorsWhileComputingFlags": false,
          "requestId": "{{requestId}}",
          "evaluatedAt": {{now.ToUnixTimeMilliseconds()}},
          "config": { "enable_collect_everything": true },
        {{Features}}
        """);

    // hasFeatureFlags: false keeps posthog-js from asking for flags at all; without autocapture_opt_out it captures no
    // clicks; gzip-js lets it compress. The features that are off would load scripts or call paths that are not there.
    private const string Features = """
          "supportedCompression": ["gzip", "gzip-js"],
          "hasFeatureFlags": false,
          "autocapture_opt_out": false,
          "captureDeadClicks": false,
          "capturePerformance": { "network_timing": true, "web_vitals": false, "web_vitals_allowed_metrics": null },
          "autocaptureExceptions": false,
          "errorTracking": { "autocaptureExceptions": false, "suppressionRules": [] },
          "analytics": { "endpoint": "/e/" },
          "logs": { "captureConsoleLogs": false },
          "elementsChainAsString": true,
          "sessionRecording": false,
          "surveys": false,
          "productTours": false,
          "conversations": false,
          "heatmaps": false,
          "defaultIdentifiedOnly": true,
          "siteApps": [],
          "isAuthenticated": false,
          "toolbarParams": {}
        """;

    private static string Object(string token, string members) => $$"""
        {
          "token": "{{JsonEncodedText.Encode(token)}}",
        {{members}}
        }
        """;
}
