using System.Buffers.Text;
using System.Text.Json;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>
/// Where a page ended, as text that callers hand back and need not understand. It says which order it belongs to, since
/// a place in one order is none in another.
/// </summary>
internal static class Cursor
{
    private const string EventOrder = "events";
    private const string DeletionOrder = "deletions";

    public static string Write(SessionOrder order, SessionPosition position) =>
        Encode(OrderName(order), position.Value is null ? null : PropertyText.Write(position.Value), position.SessionId);

    public static string Write(EventPosition position) =>
        Encode(EventOrder, PropertyText.Write(position.Timestamp), position.EventId);

    public static string Write(DeletionPosition position) =>
        Encode(DeletionOrder, PropertyText.Write(position.Until), position.Id);

    /// <summary>Reads back a place in the list of deletions; null when the text is none.</summary>
    public static DeletionPosition? ReadDeletion(string text) =>
        Decode(text) is { Order: DeletionOrder, Value: { } value, Id: var id }
        && PropertyText.TryParse(PropertyType.Time, value, out object? time)
            ? new DeletionPosition((DateTimeOffset)time, id)
            : null;

    /// <summary>Reads back a place in this order; null when the text is none.</summary>
    public static SessionPosition? Read(SessionOrder order, string text)
    {
        if (Decode(text) is not { } parts || parts.Order != OrderName(order))
        {
            return null;
        }

        if (parts.Value is null)
        {
            return order.Property.Always ? null : new SessionPosition(null, parts.Id);
        }

        return PropertyText.TryParse(order.Property.Type, parts.Value, out object? value)
            ? new SessionPosition(value, parts.Id)
            : null;
    }

    /// <summary>Reads back a place in a session's events; null when the text is none.</summary>
    public static EventPosition? ReadEvent(string text) =>
        Decode(text) is { Order: EventOrder, Value: { } value, Id: var id }
        && PropertyText.TryParse(PropertyType.Time, value, out object? time)
            ? new EventPosition((DateTimeOffset)time, id)
            : null;

    private static string OrderName(SessionOrder order) => (order.Descending ? "-" : "") + order.Property.Name;

    private static string Encode(string order, string? value, Guid id) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new[] { order, value, id.ToString() }));

    private static (string Order, string? Value, Guid Id)? Decode(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<string?[]>(Base64Url.DecodeFromChars(text)) is [{ } order, var value, { } id]
                && Guid.TryParseExact(id, "D", out Guid guid)
                ? (order, value, guid)
                : null;
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException)
        {
            return null;
        }
    }
}
