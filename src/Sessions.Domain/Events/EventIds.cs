using System.Text;
using System.Text.Json;

namespace Sessions.Domain.Events;

/// <summary>Converts the ids and the names of events to their stored form: see <see cref="IdText"/>.</summary>
public static class EventIds
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 10_000 };

    /// <summary>
    /// The events in their stored form; nearly always the same list, because nearly all events already have that form.
    /// </summary>
    public static IReadOnlyList<SessionEvent> Stored(IReadOnlyList<SessionEvent> events)
    {
        for (int i = 0; i < events.Count; i++)
        {
            if (!ReferenceEquals(Stored(events[i]), events[i]))
            {
                return [.. events.Select(Stored)];
            }
        }

        return events;
    }

    /// <summary>
    /// The event in its stored form. Ids that are too long are not cut: the event is refused, so that the backend
    /// learns of it.
    /// </summary>
    public static SessionEvent Stored(SessionEvent sent)
    {
        SessionEvent stored = IsStored(sent.Name) && IsStored(sent.DistinctId) && IsStored(sent.DeviceId) && IsStored(sent.WindowId)
            ? sent
            : sent with
            {
                Name = IdText.Trim(sent.Name) ?? "",
                DistinctId = IdText.Trim(sent.DistinctId) ?? "",
                DeviceId = IdText.Trim(sent.DeviceId),
                WindowId = IdText.Trim(sent.WindowId),
            };
        return !stored.Properties.IsEmpty && stored.Name is EventNames.Identify or "$create_alias" or "$merge_dangerously"
            ? WithStoredNames(stored)
            : stored;
    }

    private static bool IsStored(string? text) => string.IsNullOrEmpty(text) || ReferenceEquals(IdText.Trim(text), text);

    /// <summary>Converts the other id of a merge, which is in the properties, where Postgres reads it.</summary>
    private static SessionEvent WithStoredNames(SessionEvent sent)
    {
        try
        {
            ReadOnlySpan<byte> json = sent.Properties.Span;
            byte[] changed = [];
            int copied = 0;
            var reader = new Utf8JsonReader(json, Options);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isId = reader.ValueTextEquals("$anon_distinct_id"u8) || reader.ValueTextEquals("alias"u8);
                reader.Read();
                if (isId && reader.TokenType == JsonTokenType.String
                    && reader.GetString() is { Length: > 0 } id && IdText.Stored(id) is var stored && stored != id)
                {
                    changed =
                    [
                        .. changed,
                        .. json[copied..(int)reader.TokenStartIndex],
                        .. Encoding.UTF8.GetBytes(JsonSerializer.Serialize(stored ?? "")),
                    ];
                    copied = (int)reader.BytesConsumed;
                }

                reader.Skip();
            }

            return copied == 0 ? sent : sent with { Properties = (byte[])[.. changed, .. json[copied..]] };
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // Not an object, or with half of a surrogate pair: the session refuses the event with a reason.
            return sent;
        }
    }
}
