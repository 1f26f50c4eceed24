using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sessions.Run.Import;

/// <summary>Sends imported events to a gateway as SDKs do, so that the same rules apply.</summary>
internal sealed class ImportPost(HttpClient http, string token, TimeProvider time)
{
    // By then a restarting cluster is available again.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Sends events until they are durable or refused. Returns the reasons of the refused ones.</summary>
    /// <exception cref="InvalidOperationException">The gateway does not accept the events.</exception>
    public async Task<IReadOnlyList<string>> Send(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancel)
    {
        if (events.Count == 0)
        {
            return [];
        }

        (HttpStatusCode status, string text) = await Post(BodyOf(events), cancel);
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
                // No event is usable; the answer names the reason of each.
                return Dropped(text, [.. events.Select(_ => "refused")]);
            default:
                throw new InvalidOperationException($"The gateway answered {(int)status}: {text.ReplaceLineEndings(" ").Trim()}");
        }
    }

    private ReadOnlyMemory<byte> BodyOf(IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        var body = new ArrayBufferWriter<byte>(events.Sum(one => one.Length + 1) + 256);
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("api_key", token);
        json.WriteStartArray("batch");
        foreach (ReadOnlyMemory<byte> one in events)
        {
            // The readers wrote it from valid parts, and the gateway checks it again.
            json.WriteRawValue(one.Span, skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    private async Task<(HttpStatusCode Status, string Text)> Post(ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        long begun = time.GetTimestamp();
        while (true)
        {
            string failure;
            try
            {
                using ReadOnlyMemoryContent content = new(body);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                using HttpResponseMessage answer = await http.PostAsync("/batch/", content, cancel);
                string text = await answer.Content.ReadAsStringAsync(cancel);
                if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    // A rate soon lets more through. A quota of a day says so in this member.
                    if (text.Contains("\"quota_limited\"", StringComparison.Ordinal))
                    {
                        throw new InvalidOperationException(
                            "The project has used its quota of the day. Raise it for the import (max_events_per_day and max_megabytes_per_day of the "
                            + "project, Sessions:Quota of the gateways), or run the same command again tomorrow: it continues.");
                    }

                    await Task.Delay(answer.Headers.RetryAfter?.Delta ?? Pause, time, cancel);
                    begun = time.GetTimestamp();
                    continue;
                }

                if ((int)answer.StatusCode < 500)
                {
                    return (answer.StatusCode, text);
                }

                failure = $"it answered {(int)answer.StatusCode}";
            }
            catch (Exception away) when (away is HttpRequestException or IOException || (away is TaskCanceledException && !cancel.IsCancellationRequested))
            {
                failure = away.Message;
            }

            if (time.GetElapsedTime(begun) > Patience)
            {
                throw new InvalidOperationException($"{http.BaseAddress} can't accept events ({failure}); run the same command again to continue");
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
        catch (JsonException)
        {
            return otherwise;
        }
    }
}
