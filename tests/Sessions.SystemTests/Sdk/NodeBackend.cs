using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Sdk;

/// <summary>A backend in Node that tracks with posthog-node, unmodified.</summary>
public static class NodeBackend
{
    /// <summary>Captures the events and returns when the SDK says they are sent.</summary>
    public static Task Capture(Gateway gateway, params (string Event, string DistinctId, JsonObject Properties)[] events) =>
        Run(gateway, events.Select(e => new JsonObject
        {
            ["event"] = e.Event,
            ["distinctId"] = e.DistinctId,
            ["properties"] = e.Properties,
        }));

    /// <summary>Says that an id has an alias, and returns when the SDK says that it is sent.</summary>
    public static Task Alias(Gateway gateway, string distinctId, string alias) =>
        Run(gateway, [new JsonObject { ["distinctId"] = distinctId, ["alias"] = alias }]);

    private static async Task Run(Gateway gateway, IEnumerable<JsonObject> events)
    {
        string said = await NodeProgram.Run("backend.mjs", "posthog-node", new JsonObject
        {
            ["host"] = gateway.Address.GetLeftPart(UriPartial.Authority),
            ["token"] = gateway.Token,
            ["events"] = new JsonArray([.. events]),
        });
        Assert.Empty(said);
    }
}
