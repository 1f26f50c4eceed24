using Sessions.Capture.Cookieless;
using Sessions.Domain.Time;

namespace Sessions.Capture.Parsing;

/// <summary>A part of the body's bytes; empty when the body lacks this part.</summary>
internal readonly record struct Slice(int Start, int Length)
{
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> body) => body.Slice(Start, Length);
}

/// <summary>The fields that one pass over an event's JSON found, not checked yet.</summary>
internal sealed class ScannedEvent(int index)
{
    /// <summary>Its position in the body; answers name it.</summary>
    public int Index { get; } = index;

    public bool IsObject { get; init; } = true;

    public int Bytes { get; set; }

    public string? Name { get; set; }

    public string? Token { get; set; }

    public string? DistinctId { get; set; }

    /// <summary>Null when the client sent none. Then the gateway creates one.</summary>
    public Guid? Id { get; set; }

    public bool HasInvalidId { get; set; }

    public Moment? Timestamp { get; set; }

    public Moment? SentAt { get; set; }

    public long? OffsetMs { get; set; }

    /// <summary>The event's own statement of its position among the sender's events; null when it has none.</summary>
    public long? SenderOrder { get; set; }

    public ScannedProperties Properties { get; set; }

    public Slice Set { get; set; }

    public Slice SetOnce { get; set; }

    public bool HasInvalidProperties { get; set; }

    /// <summary>The deepest level of the stored JSON; the event itself is level 1.</summary>
    public int Depth { get; set; } = 1;

    /// <summary>Whether a stored string has escapes. Postgres may refuse some of them.</summary>
    public bool HasEscapes { get; set; }

    /// <summary>Whether Postgres refuses one of the stored numbers.</summary>
    public bool HasUnstorableNumber { get; set; }

    /// <summary>How many bytes the stored numbers grow when they are written without exponents.</summary>
    public long NumberExcess { get; set; }

    /// <summary>The recording of a snapshot; null on the paths of events.</summary>
    public ScannedRecording? Recording { get; init; }

    /// <summary>Its position among the sender's events: its own statement, else its position in the body.</summary>
    public long Order => SenderOrder ?? Index;

    /// <summary>The distinct id, from the event itself or from its properties.</summary>
    public string? Person => DistinctId ?? Properties.DistinctId;

    /// <summary>
    /// Whether the event is cookieless. The mode decides, because after identify() SDKs also send the person's id. The
    /// id that SDKs send for every cookieless visitor counts as well: used as a distinct id, it would make one
    /// user-device of all visitors.
    /// </summary>
    public bool IsCookieless => Properties.IsCookieless || Person == CookielessVisitor.SentDistinctId;
}

/// <summary>The properties, and those of them that decide how the event is processed.</summary>
internal record struct ScannedProperties
{
    public Slice Json { get; set; }

    public string? Token { get; set; }

    public string? DistinctId { get; set; }

    /// <summary>
    /// The device's id; null for a generic id, which many clients send and which would merge them into one device.
    /// </summary>
    public string? DeviceId { get; set; }

    public bool HasGenericDeviceId { get; set; }

    public Guid? SessionId { get; set; }

    public bool HasInvalidSessionId { get; set; }

    public string? WindowId { get; set; }

    public bool IgnoreSentAt { get; set; }

    /// <summary>The user agent as sent. The bot filter reads it.</summary>
    public string? UserAgent { get; set; }

    /// <summary>The host of the page, with its port.</summary>
    public string? Host { get; set; }

    /// <summary>The person's address, when a server sends the event.</summary>
    public string? Ip { get; set; }

    /// <summary>Where the body has that address.</summary>
    public Slice IpAt { get; set; }

    /// <summary>Whether the sender states that its own address is not the person's.</summary>
    public bool GeoIpDisabled { get; set; }

    /// <summary>Whether the client stores nothing that identifies its visitor (<c>$cookieless_mode</c>).</summary>
    public bool IsCookieless { get; set; }

    /// <summary>The person's id before an <c>$identify</c>.</summary>
    public string? AnonymousId { get; set; }

    /// <summary>Another id of the person, from a <c>$create_alias</c> or <c>$merge_dangerously</c>.</summary>
    public string? Alias { get; set; }
}

/// <summary>A body: its events, and the fields that hold for all of them.</summary>
internal sealed record ScannedBody(IReadOnlyList<ScannedEvent> Events, string? Token, Moment? SentAt);
