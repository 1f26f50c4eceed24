using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Host.Import;

/// <summary>Sends imported events to a gateway, as SDKs do: so they go through the same rules.</summary>
internal sealed class ImportPost(HttpClient http, string token, TimeProvider time)
{
    // A cluster that is being restarted is back by then.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Sends them until they are durable or refused; returns the reasons of those that were refused.</summary>
    /// <exception cref="InvalidOperationException">The gateway does not take them.</exception>
    public async Task<IReadOnlyList<string>> Send(IReadOnlyList<JsonObject> events, CancellationToken cancel)
    {
        if (events.Count == 0)
        {
            return [];
        }

        string body = new JsonObject { ["api_key"] = token, ["batch"] = new JsonArray([.. events.Select(one => one.DeepClone())]) }.ToJsonString();
        (HttpStatusCode status, string text) = await Post(body, cancel);
        switch (status)
        {
            case HttpStatusCode.OK:
                return Dropped(text, []);
            case HttpStatusCode.RequestEntityTooLarge when events.Count > 1:
                int half = events.Count / 2;
                return [.. await Send([.. events.Take(half)], cancel), .. await Send([.. events.Skip(half)], cancel)];
            case HttpStatusCode.RequestEntityTooLarge:
                return [DropReason.TooLarge];
            case HttpStatusCode.BadRequest:
                // Nothing in it is usable; the answer says why, event by event.
                return Dropped(text, [.. events.Select(_ => "refused")]);
            default:
                throw new InvalidOperationException($"The gateway answered {(int)status}: {text.ReplaceLineEndings(" ").Trim()}");
        }
    }

    private async Task<(HttpStatusCode Status, string Text)> Post(string body, CancellationToken cancel)
    {
        long begun = time.GetTimestamp();
        while (true)
        {
            string failure;
            try
            {
                using StringContent content = new(body, Encoding.UTF8, "application/json");
                using HttpResponseMessage answer = await http.PostAsync("/batch/", content, cancel);
                if ((int)answer.StatusCode < 500)
                {
                    return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancel));
                }

                failure = $"it answered {(int)answer.StatusCode}";
            }
            catch (Exception away) when (away is HttpRequestException or IOException || (away is TaskCanceledException && !cancel.IsCancellationRequested))
            {
                failure = away.Message;
            }

            if (time.GetElapsedTime(begun) > Patience)
            {
                throw new InvalidOperationException($"{http.BaseAddress} can't take events ({failure}); the same command goes on where this one stopped");
            }

            await Task.Delay(Pause, time, cancel);
        }
    }

    private static IReadOnlyList<string> Dropped(string answer, IReadOnlyList<string> otherwise)
    {
        try
        {
            return JsonNode.Parse(answer)?["dropped"] is JsonArray dropped
                ? [.. dropped.Select(one => (string?)one?["reason"] ?? "refused")]
                : otherwise;
        }
        catch (System.Text.Json.JsonException)
        {
            return otherwise;
        }
    }
}
