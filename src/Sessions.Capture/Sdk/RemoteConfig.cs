using System.Globalization;
using System.Text.Json;

namespace Sessions.Capture.Sdk;

/// <summary>
/// The configuration that SDKs read before they start: which features are on, and whether to record. The product has
/// no feature flags and no surveys.
/// </summary>
internal static class RemoteConfig
{
    /// <summary>The configuration of a project's SDKs, as JSON.</summary>
    /// <param name="token">The project's token.</param>
    /// <param name="replay">
    /// The replay settings. Null when they can't be read now: SDKs then keep their last settings.
    /// </param>
    public static string Json(string token, ReplaySettings? replay) => Object(token, Features(replay) + Recording(replay));

    /// <summary>The same as a script, which posthog-js loads first.</summary>
    public static string Script(string token, ReplaySettings? replay) =>
        $$"""
        (function () {
          window._POSTHOG_REMOTE_CONFIG = window._POSTHOG_REMOTE_CONFIG || {};
          window._POSTHOG_REMOTE_CONFIG["{{JsonEncodedText.Encode(token)}}"] = { config: {{Json(token, replay)}}, siteApps: [] };
        })();

        """;

    /// <summary>The answer to a request for feature flags, in the shapes of all versions. It has no flags.</summary>
    public static string Flags(string token, ReplaySettings? replay, Guid requestId, DateTimeOffset now) => Object(token, $$"""
          "flags": {},
          "featureFlags": {},
          "featureFlagPayloads": {},
          "errorsWhileComputingFlags": false,
          "requestId": "{{requestId}}",
          "evaluatedAt": {{now.ToUnixTimeMilliseconds()}},
          "config": { "enable_collect_everything": true },
        {{Features(replay)}}{{Recording(replay)}}
        """);

    // hasFeatureFlags: false keeps posthog-js from requesting flags; without autocapture_opt_out it captures no
    // clicks; gzip-js lets it compress. The features that are off would load scripts or call paths that don't exist.
    // network_timing records requests, as part of a recording.
    private static string Features(ReplaySettings? replay) => $$"""
          "supportedCompression": ["gzip", "gzip-js"],
          "hasFeatureFlags": false,
          "autocapture_opt_out": false,
          "captureDeadClicks": false,
          "capturePerformance": { "network_timing": {{(replay is { Network: true } ? "true" : "false")}}, "web_vitals": false, "web_vitals_allowed_metrics": null },
          "autocaptureExceptions": false,
          "errorTracking": { "autocaptureExceptions": false, "suppressionRules": [] },
          "analytics": { "endpoint": "/e/" },
          "logs": { "captureConsoleLogs": false },
          "elementsChainAsString": true,
          "surveys": false,
          "productTours": false,
          "conversations": false,
          "heatmaps": false,
          "defaultIdentifiedOnly": true,
          "siteApps": [],
          "isAuthenticated": false,
          "toolbarParams": {}
        """;

    // SDKs record when this is an object, and mask all typed text unless the site says otherwise. If the key is
    // absent, they keep their last setting.
    private static string Recording(ReplaySettings? replay) => replay switch
    {
        null => "",
        { Enabled: false } => ",\n  \"sessionRecording\": false",
        _ => ",\n  \"sessionRecording\": " + JsonSerializer.Serialize(new
        {
            endpoint = "/s/",
            recorderVersion = "v2",
            consoleLogRecordingEnabled = replay.Console,
            sampleRate = replay.SampleRate < 1 ? replay.SampleRate.ToString("0.######", CultureInfo.InvariantCulture) : null,
            minimumDurationMilliseconds = replay.MinimumDuration > TimeSpan.Zero
                ? (long?)replay.MinimumDuration.TotalMilliseconds
                : null,
            linkedFlag = (string?)null,
            // posthog-js knows the method of a request only where it wraps fetch and XMLHttpRequest, which it does for headers. It
            // takes neither those of requests nor those of responses.
            networkPayloadCapture = replay.Network ? new { recordHeaders = new { request = false, response = false } } : null,
            masking = new { maskAllInputs = true },
            urlTriggers = replay.TriggerUrls.Select(url => new { url, matching = "regex" }),
            urlBlocklist = Array.Empty<string>(),
            eventTriggers = replay.TriggerEvents,
            recordCanvas = false,
            scriptConfig = new { script = "lazy-recorder" },
        }),
    };

    private static string Object(string token, string members) => $$"""
        {
          "token": "{{JsonEncodedText.Encode(token)}}",
        {{members}}
        }
        """;
}
