using Microsoft.AspNetCore.Http;
using Sessions.Domain.Quotas;

namespace Sessions.Capture;

/// <summary>Why a request is refused. The developer who sent it reads the detail.</summary>
internal sealed record CaptureRefusal(int Status, string Detail)
{
    /// <summary>When the request may be sent again; null for the option's time.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// What the project may send no more of now, as SDKs call it: <c>events</c> or <c>recordings</c>. posthog-js then stops to
    /// send it for a minute.
    /// </summary>
    public string? QuotaLimited { get; init; }

    /// <summary>
    /// The tokens of the body that this gateway does not know; empty when the request is refused for another reason. They may
    /// be new, made at another gateway: <see cref="Parsing.UnknownTokens"/> asks the store.
    /// </summary>
    public IReadOnlyCollection<string> UnknownTokens { get; init; } = [];

    public static CaptureRefusal Malformed(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static CaptureRefusal Unauthorized(string detail) => new(StatusCodes.Status401Unauthorized, detail);

    public static CaptureRefusal UnknownToken(string detail, IReadOnlyCollection<string> tokens) =>
        Unauthorized(detail) with { UnknownTokens = tokens };

    /// <summary>The gateway can't find out now whether a token is valid. SDKs drop what got a 401, so they get a 503.</summary>
    public static CaptureRefusal TokenUncertain() =>
        new(StatusCodes.Status503ServiceUnavailable, "The gateway can't look the project token up now. Send the request again later.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    public static CaptureRefusal TooLarge(string detail) => new(StatusCodes.Status413PayloadTooLarge, detail);

    public static CaptureRefusal Overloaded() =>
        new(StatusCodes.Status503ServiceUnavailable, "The gateway is overloaded. Send the request again later.");

    // Not 408, because SDKs drop events that were answered with 408.
    public static CaptureRefusal TooSlow() =>
        new(StatusCodes.Status503ServiceUnavailable, "The body arrived too slowly. Send the request again later.");

    public static CaptureRefusal DiskFull() =>
        new(StatusCodes.Status503ServiceUnavailable, "The server's disk is nearly full. Send the request again later.");

    /// <summary>The project is over a quota. Only a quota of a day tells SDKs to stop: a second is over before they would.</summary>
    /// <param name="excess">The quota.</param>
    /// <param name="kind">What the request has, as SDKs call it.</param>
    public static CaptureRefusal OverQuota(QuotaExcess excess, string kind) =>
        new(StatusCodes.Status429TooManyRequests, $"The project is over its quota of {Name(excess.Quota)}. Send the request again later.")
        {
            RetryAfter = excess.Wait,
            QuotaLimited = excess.IsOfDay ? kind : null,
        };

    public static CaptureRefusal Unavailable() =>
        new(StatusCodes.Status503ServiceUnavailable, "The gateway can't store the events now. Send the request again later.");

    private static string Name(Quota quota) => quota switch
    {
        Quota.EventsPerDay => "events a day",
        Quota.BytesPerDay => "bytes a day",
        Quota.EventsPerSecond => "events a second",
        _ => "bytes a second",
    };
}

/// <summary>Ends the reading of a body with a refusal. Many places refuse, and one place answers.</summary>
internal sealed class CaptureRefusedException(CaptureRefusal refusal) : Exception(refusal.Detail)
{
    public CaptureRefusal Refusal { get; } = refusal;
}
