using System.Net;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Traffic;

/// <summary>A client with a single event, which it sends as SDKs do: again, to the next gateway, until it is taken.</summary>
public static class Sender
{
    /// <summary>How long anything that is sent may go unanswered, whatever is broken meanwhile.</summary>
    public static readonly TimeSpan Endurance = TimeSpan.FromMinutes(4);

    /// <summary>Sends the event until it is answered with 200.</summary>
    /// <param name="gateways">Where it is sent, in turn.</param>
    /// <param name="made">The event.</param>
    /// <param name="first">The gateway that is tried first.</param>
    public static Task UntilTaken(IReadOnlyList<Gateway> gateways, JsonObject made, int first)
    {
        int attempt = first;
        string last = "";
        return Wait.For(
            async () =>
            {
                last = await Try(gateways[attempt++ % gateways.Count], made);
                return last == "200";
            },
            () => $"event {made["uuid"]} of {made["distinct_id"]} was not taken in {attempt - first} attempts; the last was answered with: {last}",
            Endurance);
    }

    private static async Task<string> Try(Gateway gateway, JsonObject made)
    {
        try
        {
            using CancellationTokenSource patience = new(Writers.Patience);
            using HttpResponseMessage answer = await gateway.Capture([made], cancel: patience.Token);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}");
            return $"{(int)answer.StatusCode}";
        }
        catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException)
        {
            return lost.Message;
        }
    }
}
