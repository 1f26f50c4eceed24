namespace Sessions.Domain.Events;

/// <summary>
/// The values of an event's properties that the rules use. An empty string and <c>"null"</c> count as missing.
/// </summary>
public sealed record EventFacts
{
    /// <summary>The facts of an event without properties.</summary>
    public static readonly EventFacts None = new();

    public string? CurrentUrl { get; init; }

    /// <summary>The app's screen at the time of the event; SDKs may send it with any event.</summary>
    public string? ScreenName { get; init; }

    public string? ReferringDomain { get; init; }
    public string? UtmSource { get; init; }
    public string? UtmCampaign { get; init; }
    public string? UtmMedium { get; init; }
    public string? UtmTerm { get; init; }
    public string? UtmContent { get; init; }

    /// <summary>Values by their index in <see cref="AdIds.Names"/>; null when the event has none.</summary>
    public IReadOnlyList<string?>? AdIdValues { get; init; }

    /// <summary>Values by their index in <see cref="StartPageTexts.Names"/>; null when the event has none.</summary>
    public IReadOnlyList<string?>? StartPageTextValues { get; init; }

    public string? ExternalClickUrl { get; init; }
    public string? DeviceType { get; init; }
    public string? Browser { get; init; }
    public string? Os { get; init; }

    /// <summary>The country that the gateway found for the client's address.</summary>
    public string? Country { get; init; }

    /// <summary>Whether the client says that the person is identified (<c>$is_identified</c>).</summary>
    public bool IsIdentified { get; init; }

    /// <summary>
    /// The client's idle timeout (<c>$configured_session_timeout_ms</c>), limited to the allowed range.
    /// </summary>
    public TimeSpan? IdleTimeout { get; init; }
}
