using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Sdk;

/// <summary>A backend in Node that tracks with posthog-node, unmodified.</summary>
public static class NodeBackend
{
    /// <summary>Captures the events and returns when the SDK says they are sent.</summary>
    public static async Task Capture(Gateway gateway, params (string Event, string DistinctId, JsonObject Properties)[] events)
    {
        string said = await NodeProgram.Run("backend.mjs", "posthog-node", new JsonObject
        {
            ["host"] = gateway.Address.GetLeftPart(UriPartial.Authority),
            ["token"] = gateway.Token,
            ["events"] = new JsonArray([.. events.Select(e => new JsonObject
            {
                ["event"] = e.Event,
                ["distinctId"] = e.DistinctId,
                ["properties"] = e.Properties,
            })]),
        });
        Assert.Empty(said);
    }
}
