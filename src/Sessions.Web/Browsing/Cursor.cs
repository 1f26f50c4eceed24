using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Queries.Persons;
using Sessions.Web.Api;

namespace Sessions.Web.Browsing;

/// <summary>
/// The end of a page, as an opaque text that callers send back for the next page. It contains its order, because a
/// position in one order has no meaning in another.
/// </summary>
internal static class Cursor
{
    private const string EventOrder = "events";
    private const string DeletionOrder = "deletions";

    public static string Write(SessionOrder order, SessionPosition position) =>
        Encode(order.Name, position.Value is null ? null : PropertyText.Write(position.Value), position.SessionId);

    /// <summary>
    /// A position in a session's events. Without a sender's order it has the older form, which gateways of older
    /// versions can also read.
    /// </summary>
    public static string Write(EventPosition position) =>
        Encode(
            EventOrder,
            PropertyText.Write(position.Timestamp),
            position.EventId,
            position.SenderOrder == 0 ? null : position.SenderOrder.ToString(CultureInfo.InvariantCulture));

    public static string Write(DeletionPosition position) =>
        Encode(DeletionOrder, PropertyText.Write(position.Until), position.Id);

    /// <summary>Reads a position in the list of deletions; null when the text is not one.</summary>
    public static DeletionPosition? ReadDeletion(string text) =>
        Decode(text) is { Order: DeletionOrder, Value: { } value, Id: var id }
        && PropertyText.TryParse(PropertyType.Time, value, out object? time)
            ? new DeletionPosition((DateTimeOffset)time, id)
            : null;

    /// <summary>Reads a position in this order; null when the text is not one.</summary>
    public static SessionPosition? Read(SessionOrder order, string text)
    {
        if (Decode(text) is not { } parts || parts.Order != order.Name)
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

    /// <summary>
    /// Reads a position in a session's events; null when the text is not one. With a cursor of an older version,
    /// events of its time may repeat, but none is left out.
    /// </summary>
    public static EventPosition? ReadEvent(string text) =>
        Decode(text) is { Order: EventOrder, Value: { } value, Id: var id, SenderOrder: var sent }
        && PropertyText.TryParse(PropertyType.Time, value, out object? time)
        && long.TryParse(sent ?? "0", NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long order)
            ? new EventPosition((DateTimeOffset)time, order, id)
            : null;

    private static string Encode(string order, string? value, Guid id, string? senderOrder = null)
    {
        string?[] parts = [order, value, id.ToString()];
        return Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(senderOrder is null ? parts : [.. parts, senderOrder]));
    }

    private static (string Order, string? Value, Guid Id, string? SenderOrder)? Decode(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<string?[]>(Base64Url.DecodeFromChars(text)) is [{ } order, var value, { } id, .. var more]
                && more.Length <= 1
                && Guid.TryParseExact(id, "D", out Guid guid)
                ? (order, value, guid, more.FirstOrDefault())
                : null;
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException)
        {
            return null;
        }
    }
}
