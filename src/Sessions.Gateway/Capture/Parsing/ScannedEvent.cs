using Sessions.Domain.Time;
using Sessions.Gateway.Capture.Cookieless;
using Sessions.Gateway.Capture.Replay;

namespace Sessions.Gateway.Capture.Parsing;

/// <summary>A part of the body's bytes; empty when the body has none.</summary>
internal readonly record struct Slice(int Start, int Length)
{
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> body) => body.Slice(Start, Length);
}

/// <summary>What one pass over an event's JSON found, before anything is judged.</summary>
internal sealed class ScannedEvent(int index)
{
    /// <summary>Its place in the body, as answers name it.</summary>
    public int Index { get; } = index;

    public bool IsObject { get; init; } = true;

    public int Bytes { get; set; }

    public string? Name { get; set; }

    public string? Token { get; set; }

    public string? DistinctId { get; set; }

    /// <summary>Null when the client sent none: the gateway makes one.</summary>
    public Guid? Id { get; set; }

    public bool HasInvalidId { get; set; }

    public Moment? Timestamp { get; set; }

    public Moment? SentAt { get; set; }

    public long? OffsetMs { get; set; }

    /// <summary>The place among the sender's events that the event itself says; null when it says none.</summary>
    public long? SenderOrder { get; set; }

    public ScannedProperties Properties { get; set; }

    public Slice Set { get; set; }

    public Slice SetOnce { get; set; }

    public bool HasInvalidProperties { get; set; }

    /// <summary>The deepest level of what is kept, the event itself being 1.</summary>
    public int Depth { get; set; } = 1;

    /// <summary>Whether a kept string has escapes, among which there may be some that Postgres refuses.</summary>
    public bool HasEscapes { get; set; }

    /// <summary>Whether a kept number is one that Postgres refuses.</summary>
    public bool HasUnstorableNumber { get; set; }

    /// <summary>How many bytes more the kept numbers have when they are written without exponents.</summary>
    public long NumberExcess { get; set; }

    /// <summary>What was recorded; null on the paths of events.</summary>
    public ScannedRecording? Recording { get; init; }

    /// <summary>Its place among the sender's events: what it says itself, else its place in the body.</summary>
    public long Order => SenderOrder ?? Index;

    /// <summary>Who it is about, wherever the event says it.</summary>
    public string? Person => DistinctId ?? Properties.DistinctId;

    /// <summary>
    /// The mode alone decides, since after identify() SDKs send the person's id with it. What SDKs send for everybody
    /// counts as well: as a distinct id it would make one user-device of all visitors.
    /// </summary>
    public bool IsCookieless => Properties.IsCookieless || Person == CookielessVisitor.SentDistinctId;
}

/// <summary>The properties, and those of them that decide where the event goes.</summary>
internal record struct ScannedProperties
{
    public Slice Json { get; set; }

    public string? Token { get; set; }

    public string? DistinctId { get; set; }

    /// <summary>The device's id; null when it names nobody: as a device that would be everybody's who sends it.</summary>
    public string? DeviceId { get; set; }

    public bool HasGenericDeviceId { get; set; }

    public Guid? SessionId { get; set; }

    public bool HasInvalidSessionId { get; set; }

    public string? WindowId { get; set; }

    public bool IgnoreSentAt { get; set; }

    /// <summary>The user agent as sent: the bot filter judges it.</summary>
    public string? UserAgent { get; set; }

    /// <summary>The host of the page, with its port.</summary>
    public string? Host { get; set; }

    /// <summary>The address of whom the event is about, when the sender speaks for others.</summary>
    public string? Ip { get; set; }

    /// <summary>Where that address is written.</summary>
    public Slice IpAt { get; set; }

    /// <summary>The sender says that its address says nothing about the person.</summary>
    public bool GeoIpDisabled { get; set; }

    /// <summary>The client keeps nothing to know its visitor by (<c>$cookieless_mode</c>).</summary>
    public bool IsCookieless { get; set; }

    /// <summary>Who the person was before an <c>$identify</c>.</summary>
    public string? AnonymousId { get; set; }

    /// <summary>Who the person is too, as a <c>$create_alias</c> or <c>$merge_dangerously</c> says.</summary>
    public string? Alias { get; set; }
}

/// <summary>A body: its events, and what it says about all of them.</summary>
internal sealed record ScannedBody(IReadOnlyList<ScannedEvent> Events, string? Token, Moment? SentAt);
