using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Sdk;

/// <summary>A phone with an app that tracks with posthog-react-native, unmodified; the phone around it is made up.</summary>
public static class Phone
{
    /// <summary>
    /// Takes the steps, each a method of the SDK or <c>later</c> (the clock goes on by milliseconds) or <c>appState</c>,
    /// and returns the events as the SDK sent them, in their order.
    /// </summary>
    public static async Task<IReadOnlyList<JsonObject>> Use(Gateway gateway, params JsonArray[] steps)
    {
        string said = await NodeProgram.Run("phone.mjs", "posthog-react-native", new JsonObject
        {
            ["host"] = gateway.Address.GetLeftPart(UriPartial.Authority),
            ["token"] = gateway.Token,
            ["steps"] = new JsonArray([.. steps]),
        });
        return [.. JsonNode.Parse(said)!.AsArray().Select(sent => sent!.AsObject())];
    }
}
